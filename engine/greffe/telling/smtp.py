"""A letter as mail: text and HTML, over a connection whose server is checked."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr

from greffe.config.telling import Mail
from greffe.errors import PartlyToldError, TellingError
from greffe.telling.authority import checking
from greffe.telling.letter import Letter, as_html, as_text


def message(mail: Mail, letter: Letter) -> EmailMessage:
    """What is sent."""
    found = EmailMessage()
    found["Subject"] = " ".join(
        letter.subject.split()
    )  # a line's end in a file's name would be another header
    found["From"] = mail.sender
    found["To"] = ", ".join(mail.to)
    found["Date"] = formatdate(localtime=True)
    found["Message-ID"] = make_msgid("greffe", domain=parseaddr(mail.sender)[1].partition("@")[2])
    found["Auto-Submitted"] = "auto-generated"  # absence notes are not to answer
    found["Content-Language"] = mail.language
    found.set_content(as_text(letter), cte="quoted-printable")
    found.add_alternative(as_html(letter), subtype="html", cte="quoted-printable")
    return found


def send(mail: Mail, letter: Letter) -> None:
    """Hand a letter to the mail server. Raises TellingError, of which PartlyToldError where it takes it for some only, and
    ConfigError (its secret)."""
    password = mail.password.read("[mail] password") if mail.password else ""
    context = checking("[mail]", mail.ca)
    try:
        with _session(mail, context) as server:
            if mail.security == "starttls":
                _encrypt(mail, server, context)
            if mail.user is not None:
                server.login(mail.user, password)
            refused = server.send_message(message(mail, letter))
    except smtplib.SMTPResponseException as e:
        said = e.smtp_error.decode(errors="replace") if isinstance(e.smtp_error, bytes) else e.smtp_error
        raise TellingError(f"no mail was sent: {_where(mail)} answered {e.smtp_code} {said}") from e
    except smtplib.SMTPRecipientsRefused as e:
        raise TellingError(f"no mail was sent: {_where(mail)} takes none of {', '.join(e.recipients)}") from e
    except (smtplib.SMTPException, OSError) as e:
        why = getattr(e, "strerror", None) or e or type(e).__name__
        raise TellingError(f"no mail was sent: {_where(mail)}: {why}") from e
    if refused:
        raise PartlyToldError(
            f"the mail went to others, but {_where(mail)} does not take {', '.join(refused)}"
        )


def _encrypt(mail: Mail, server: smtplib.SMTP, context: ssl.SSLContext) -> None:
    """A server that offers no encryption gets nothing: whether to send in the clear is for the configuration to say."""
    try:
        server.starttls(context=context)
    except smtplib.SMTPNotSupportedError as e:
        raise TellingError(
            f"no mail was sent: {_where(mail)} offers no STARTTLS",
            todo='Give [mail] security = "tls" where the server speaks TLS from the first word on (usually port 465), or '
            'security = "none" for a relay of your own without encryption; then try with `greffe mail --test`.',
        ) from e


@contextmanager
def _session(mail: Mail, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    """A connection that ends with a farewell; how the server takes that changes nothing of what it has taken."""
    server = _connect(mail, context)
    try:
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _connect(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.server, mail.listens, timeout=mail.timeout, context=context)
    return smtplib.SMTP(mail.server, mail.listens, timeout=mail.timeout)


def _where(mail: Mail) -> str:
    return f"{mail.server}:{mail.listens}"
