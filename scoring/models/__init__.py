"""Cases and reads, the readers' desk, scores, the quality of reading, reports; import the classes from here."""

from scoring.models.clinical import ClinicalFact
from scoring.models.desk import Assignment, AssignmentEnd, Draft, Mark, ReadingPlan, SlideRefusal
from scoring.models.quality import (
    Measurement,
    Qualification,
    QualificationEnd,
    TrainingAnswer,
    TrainingItem,
    TrainingSet,
)
from scoring.models.reads import Comparison, Read, ReadingCase, TherapyStart
from scoring.models.reports import ResultReport
from scoring.models.rescoring import (
    Rescoring,
    RescoringChange,
    RescoringChunk,
    RescoringDecision,
    RescoringDone,
)
from scoring.models.scores import PatientScore, Score

__all__ = [
    "Assignment",
    "AssignmentEnd",
    "ClinicalFact",
    "Comparison",
    "Draft",
    "Mark",
    "Measurement",
    "PatientScore",
    "Qualification",
    "QualificationEnd",
    "Read",
    "ReadingCase",
    "ReadingPlan",
    "Rescoring",
    "RescoringChange",
    "RescoringChunk",
    "RescoringDecision",
    "RescoringDone",
    "ResultReport",
    "Score",
    "SlideRefusal",
    "TherapyStart",
    "TrainingAnswer",
    "TrainingItem",
    "TrainingSet",
]
