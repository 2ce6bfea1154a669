"""What is planted in the reads so that it can be found where it must not be."""

# Percentages that nobody types by chance, and a remark: each set gives one signature away.
TYPED: dict[str, dict[str, dict[str, str]]] = {
    "one": {
        "histology": {"arch_alveolar": "43.7", "arch_solid": "41.3", "comment": "CANARYONE"},
        "caix": {"pct_2": "23.7", "pct_3": "61.3", "comment": "CANARYONE"},
    },
    "two": {
        "histology": {"arch_alveolar": "33.9", "arch_solid": "39.6", "arch_papillary": "11.5", "comment": "CANARYTWO"},
        "caix": {"pct_0": "19.4", "pct_1": "10.6", "pct_2": "26.9", "pct_3": "43.1", "comment": "CANARYTWO"},
    },
    "decision": {
        "histology": {"arch_alveolar": "47.9", "arch_solid": "37.1", "comment": "CANARYDECISION"},
        "caix": {"pct_2": "27.6", "pct_3": "57.4", "comment": "CANARYDECISION"},
    },
    "amended": {
        "histology": {"arch_alveolar": "44.4", "arch_solid": "40.6", "comment": "CANARYAMENDED"},
        "caix": {"pct_2": "26.3", "pct_3": "58.7", "comment": "CANARYAMENDED"},
    },
}
