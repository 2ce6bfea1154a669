"""The schema and its page, for whoever is signed in; the page runs from our own files alone."""

from functools import cache
from typing import Any

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import TemplateHTMLRenderer

from lims.api.authentication import Session, Token
from lims.api.door import Allowed


class PlainJsonRenderer(OpenApiJsonRenderer):
    """The same schema for whoever asks for JSON by its plain name."""

    media_type = "application/json"


@cache
def the_schema() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)


class Once(SchemaGenerator):
    """The schema is the same for everybody and takes a second to make: once a process is enough."""

    def get_schema(self, request: Any = None, public: bool = True) -> Any:
        return the_schema()


class Schema(SpectacularAPIView):
    generator_class = Once
    authentication_classes = [Token, Session]
    permission_classes = [Allowed]
    renderer_classes = [OpenApiJsonRenderer, PlainJsonRenderer, OpenApiYamlRenderer]
    metadata_class = None


# Its script sets styles on elements as it draws, which no hash can name; scripts stay files of our own.
@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    authentication_classes = [Token, Session]
    permission_classes = [Allowed]
    renderer_classes = [TemplateHTMLRenderer]
    metadata_class = None
    url_name = "schema"
    template_name = "api/docs.html"
