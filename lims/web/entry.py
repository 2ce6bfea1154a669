"""Sign-in, sign-out, one's own password. Sign-up is closed: administrators add people."""

from allauth.account import views
from django.urls import URLPattern, path, reverse_lazy

from lims.web import second_factor

change_password = views.PasswordChangeView.as_view(success_url=reverse_lazy("home"))

urls: list[URLPattern] = [
    path("sign-in/", views.login, name="account_login"),
    path("sign-out/", views.logout, name="account_logout"),
    path("password/", change_password, name="account_change_password"),
    path("prove-it-is-you/", views.reauthenticate, name="account_reauthenticate"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    *second_factor.urls,
]
