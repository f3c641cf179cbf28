"""French words for what the engine says in English: the only place of them that the documentation has.

Every exit code, reason, command and table of the configuration has one; a test names what is missing. The shorter words of
reports and of Moodle's pages are the plugin's own language file.
"""

from __future__ import annotations

from greffe.errors import Exit
from greffe.model import Reason

EXITS: dict[Exit, str] = {
    Exit.DONE: "tout est fait",
    Exit.BUG: "une erreur dans Greffe lui-même (`--debug` montre où)",
    Exit.USAGE: "commande ou configuration incorrecte",
    Exit.CHANGES_PENDING: "`plan`, et tout ce qu’on demande avec `--dry-run` : des changements attendent",
    Exit.HELD: "un garde-fou retient l’exécution, ou ce que des personnes perdraient dans certains cours",
    Exit.PARTIAL: "une extraction n’est pas fiable : ce qu’elle atteint est resté tel quel, le reste a été fait",
    Exit.NOT_READY: "on ne peut pas écrire sur le site en ce moment",
    Exit.DATABASE: "la base de données a refusé, ou a été perdue",
    Exit.INTERRUPTED: "arrêtée par un signal ; la nuit suivante termine (ce qui avait été approuvé : à approuver de nouveau)",
    Exit.STALE: "le site a changé depuis que le plan a été fait",
    Exit.REFUSED: "des changements ont été refusés, faute de pouvoir être faits exactement",
    Exit.FOUND_WARNINGS: "les audits ont trouvé ce que quelqu’un devrait regarder, ou n’ont pas pu conclure",
    Exit.FOUND_ERRORS: "les audits ont trouvé ce qui ne doit pas être dans les tables de Moodle",
}

WINS = "Si plusieurs conviennent : 4 si toute l’exécution est retenue, sinon 5, sinon 4 pour une partie, sinon 10."

REASONS: dict[Reason, str] = {
    Reason.REGISTERED: "Une extraction le nomme pour cette place.",
    Reason.LEFT_FEED: "Aucune extraction ne le nomme plus pour cette place.",
    Reason.HAS_GRADES: "Parti, et suspendu plutôt que désinscrit : une désinscription emporterait ses notes.",
    Reason.PURGED: "Parti, et suspendu depuis aussi longtemps que la règle le dit.",
    Reason.ROLE_CHANGED: "L’extraction le nomme avec un autre rôle.",
    Reason.GROUP_CHANGED: "La règle lui donne un autre groupe, ou aucun.",
    Reason.TIMES_CHANGED: "La règle donne un autre début ou une autre fin.",
    Reason.DUPLICATE: "La même ligne était là deux fois ; la plus ancienne reste.",
    Reason.MEMBER: "Appartient à la cohorte, ou au cours parent, que suit la méthode.",
    Reason.NOT_MEMBER: "N’y appartient plus.",
    Reason.RULE_CHANGED: "Ce que les règles disent d’une cohorte (son nom, sa place…) n’est pas ce qui est dans Moodle.",
    Reason.NOT_NAMED: "Aucune inscription ne mène plus à la cohorte ; aucune règle ne demande plus la méthode.",
    Reason.NEW_YEAR: "La cohorte de l’an dernier est remplacée par celle de cette année.",
    Reason.RELEASED: "Rendu à la gestion manuelle par `greffe release`.",
    Reason.ASKED: "Une ligne d’un fichier le dit, ou l’option d’une commande.",
    Reason.CONVERTED: "Ce qu’une inscription automatique donnait est gardé à la main.",
    Reason.NOT_IN_FILE: "Le fichier est la liste entière (`--replace`), et ne le nomme pas.",
    Reason.UNDO: "Une exécution antérieure est annulée.",
}

COMMANDS: dict[str, str] = {
    "setup": "prépare la machine pour les nuits d’un site : compte, répertoires, minuteur ou cron, page de manuel",
    "init": "écrit un greffe.toml commenté ; peut reprendre les réglages de « Base de données externe » de Moodle",
    "doctor": "liste tout ce qui empêcherait une nuit, et ce qu’il faut faire",
    "plan": "montre ce que la nuit ferait, pour tous, un cours, une cohorte ou une personne ; n’écrit rien dans Moodle",
    "apply": "fait exactement les changements d’un fichier de plan, ou aucun",
    "nightly": "planifie, fait juger par les garde-fous, écrit, rend compte : ce que lance le planificateur",
    "methods apply": "crée, modifie, désactive, active et supprime des méthodes d’après un fichier (`greffe methods FICHIER`)",
    "methods export": "écrit les méthodes d’aujourd’hui dans un fichier, à modifier et à remettre",
    "methods sync": "met à jour synchronisation des cohortes et méta-cours, comme les tâches de Moodle, en quelques secondes",
    "cohorts": "crée, modifie et remplit des cohortes d’après un fichier",
    "rollover": "nouvelle année universitaire : les cohortes de l’année, et les méthodes qui suivaient celles de l’an dernier",
    "enrol": "inscrit dans des cours les personnes d’un fichier, ou les en retire ; dit le sort de chaque ligne",
    "renew": "prolonge ou rouvre des inscriptions manuelles ou des auto-inscriptions",
    "convert": "garde à la main des inscriptions automatiques",
    "advise": "dit quelle voie convient à une liste de personnes et à des cours, et quoi taper",
    "approve": "laisse passer un plan retenu, au nom de quelqu’un et pour un temps",
    "undo": "annule une exécution, ou sa part pour un cours, une cohorte ou une personne",
    "release": "rend des cohortes et des méthodes à la gestion manuelle ; les personnes restent",
    "runs": "liste les dernières exécutions",
    "show": "montre une exécution et ses changements",
    "participants": "liste les participants de cours comme la page de Moodle, avec méthode, dates et exécution ; triés, filtrés, exportés",
    "list students": "les étudiants d’un cours",
    "list courses": "les cours d’une personne",
    "list cohort": "les membres d’une cohorte, et les cours qu’elle ouvre",
    "list no-method": "les cours où aucune méthode ne mène, et pourquoi",
    "list promotion": "une cohorte à côté de cours : qui est dans l’une et pas dans l’autre",
    "why": "dit pourquoi quelqu’un est dans un cours, ou n’y est pas, de la ligne de l’extraction jusqu’au rôle et au groupe",
    "why-not": "donne toutes les voies qui mènent à un cours, et sur chacune ce qui manque à quelqu’un",
    "history": "dit ce qui a changé pour un cours, une personne ou une cohorte, quand et par quelle exécution",
    "message": "envoie un message aux participants d’un cours, par Moodle",
    "messages": "dit où en est chaque message",
    "health": "dit l’état du greffe à la supervision : Nagios, Prometheus, JSON",
    "summary": "dit ce qu’a donné la semaine ; l’envoie avec `--mail`",
    "mail": "essaie si courriel et webhook arrivent ; prévient d’une nuit tuée",
    "audit": "cherche ce qui ne devrait pas être dans les tables de Moodle, en lecture seule",
    "grants": "imprime les droits à donner aux comptes de base de données de Greffe",
    "prune": "supprime ce qui dépasse les durées de `[retention]`",
    "plugin prepare": "met de côté les tables de Greffe avant que Moodle n’installe le plugin",
    "plugin finish": "supprime ce qui était mis de côté, une fois que le plugin l’a repris",
    "backup": "écrit les tables propres à Greffe dans un fichier",
    "restore": "remet ces tables d’après un tel fichier",
    "migrate": "fait passer les tables d’un Greffe plus ancien au schéma de celui-ci",
    "sql": "imprime n’importe quelle instruction de Greffe, telle qu’elle s’exécutera sur le site",
    "completion": "imprime ce qui complète les commandes dans bash, zsh ou fish",
    "manual": "imprime la page de manuel greffe(1)",
    "demo": "montre deux plateformes d’exemple au travail",
}

TABLES: dict[str, str] = {
    "[moodle]": "la base de données du site",
    "[feed.NAME]": "d’où viennent les inscriptions, et ce qui rend une extraction fiable",
    "[[course]]": "une règle : des inscriptions deviennent des inscriptions dans des cours",
    "[[cohort]]": "une règle : des inscriptions deviennent des membres de cohortes",
    "[[link]]": "une règle : quels cours suivent quelle cohorte, ou quel cours parent",
    "[guards]": "combien peut changer en une nuit",
    "[run]": "comment une nuit se déroule",
    "[calendar]": "les années ouvertes, et les jours où les nuits se retiennent",
    "[mail]": "qui apprend une nuit par courriel",
    "[webhook]": "quel programme apprend une nuit",
    "[log]": "où vont les lignes sur ce qui se passe, et sous quelle forme",
    "[retention]": "combien de temps est gardé ce qui nomme des personnes",
}
