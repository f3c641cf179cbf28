"""Moodle's own words for what a site leaves unnamed: default roles and enrolment methods.

Each text in English and in French (``greffe.language.LANGUAGES``). A site may have changed its strings, and other plugins have theirs,
which only Moodle knows: those keep their short name.
"""

from __future__ import annotations

from collections.abc import Mapping

from greffe.language import LANGUAGES

METHODS: dict[str, tuple[str, str]] = {
    "category": ("Category enrolments", "Inscription par catégorie"),
    "cohort": ("Cohort sync", "Synchronisation des cohortes"),
    "database": ("External database", "Base de données externe"),
    "fee": ("Enrolment on payment", "Inscription payante"),
    "flatfile": ("Flat file (CSV)", "Fichier CSV"),
    "guest": ("Guest access", "Accès anonyme"),
    "imsenterprise": ("IMS Enterprise file", "Fichier IMS Enterprise"),
    "ldap": ("LDAP enrolments", "Inscription LDAP"),
    "lti": ("Publish as LTI tool", "Publication comme outil LTI"),
    "manual": ("Manual enrolments", "Inscription manuelle"),
    "meta": ("Course meta link", "Méta-cours"),
    "mnet": ("MNet remote enrolments", "Inscription MNet"),
    "paypal": ("PayPal", "PayPal"),
    "self": ("Self enrolment", "Auto-inscription"),
}
"""Plugin → what an instance without a name of its own is called (enrol_plugin::get_instance_name)."""
ROLES: dict[str, tuple[str, str]] = {
    "manager": ("Manager", "Gestionnaire"),
    "coursecreator": ("Course creator", "Créateur de cours"),
    "editingteacher": ("Teacher", "Enseignant"),
    "teacher": ("Non-editing teacher", "Enseignant non éditeur"),
    "student": ("Student", "Étudiant"),
    "guest": ("Guest", "Visiteur anonyme"),
    "user": ("Authenticated user", "Utilisateur authentifié"),
    "frontpage": ("Authenticated user on site home", "Utilisateur authentifié sur l’accueil"),
}
"""Shortname → what a role without a name of its own is called (role_get_name)."""


def default_name(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    """The word for a code in ``en`` or ``fr``; the code itself where Moodle has none of its own."""
    return words[code][LANGUAGES.index(language)] if code in words else code
