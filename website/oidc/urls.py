"""Addresses of the providers, below ``accounts/``; allauth mounts them."""

from django.urls import path

from website.oidc import views

urlpatterns = [
    path("oidc/<slug:provider_id>/login/", views.login, name="oidc_login"),
    path("oidc/<slug:provider_id>/connect/", views.connect, name="oidc_connect"),
    path("oidc/<slug:provider_id>/login/callback/", views.callback, name="oidc_callback"),
    path("oidc/identities/<int:pk>/disconnect/", views.disconnect, name="oidc_disconnect"),
]
