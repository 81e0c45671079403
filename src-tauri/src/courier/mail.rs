//! Mail, sent by SMTP.

use std::time::{Duration, SystemTime};

use domain::notice::Said;
use domain::secret::Secret;
use domain::wire::TryAnswer;
use jiff::Timestamp;
use lettre::address::Address;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::attempt::{AttemptOutcome, shown};
use super::letter;
use crate::cause::innermost;
use crate::config::{MailSettings, MailTls};

/// The time that each step of a conversation with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The time that a whole mail may take.
const WHOLE: Duration = Duration::from_secs(60);
/// The time for which a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(30);

/// Sends mail.
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// The same without connections that are kept.
    anew: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    server: String,
    sender: String,
}

impl Mailer {
    /// One that sends by this mail server.
    ///
    /// # Errors
    /// A sentence, when the certificates that it is trusted by cannot be used.
    pub(super) fn new(settings: MailSettings) -> Result<Self, String> {
        let MailSettings { host, port, from, tls, credentials, ca } = settings;
        let encrypted = || -> Result<TlsParameters, String> {
            let mut parameters = TlsParameters::builder(host.clone());
            if let Some(pem) = &ca {
                parameters = parameters.certificate_store(CertificateStore::None);
                let certificate = Certificate::from_pem(pem).map_err(|error| format!("[mail] ca_file: {error}"))?;
                parameters = parameters.add_root_certificate(certificate);
            }
            parameters.build_rustls().map_err(|error| format!("[mail] the certificates cannot be used: {error}"))
        };
        let tls = match tls {
            MailTls::Starttls => Tls::Required(encrypted()?),
            MailTls::Tls => Tls::Wrapper(encrypted()?),
            MailTls::None => Tls::None,
        };
        let pool = PoolConfig::new().max_size(2).idle_timeout(IDLE);
        let builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&host).port(port).tls(tls);
        let builder = builder.timeout(Some(PATIENCE));
        let builder = match credentials {
            Some((name, password)) => builder.credentials(Credentials::new(name, password.reveal().to_owned())),
            None => builder,
        };
        let (server, sender) = (format!("{host}:{port}"), from.to_string());
        let anew = builder.clone().pool_config(PoolConfig::new().max_size(0)).build();
        Ok(Self { transport: builder.pool_config(pool).build(), anew, from, server, sender })
    }

    /// Host and port of the mail server.
    pub(super) fn server(&self) -> &str {
        &self.server
    }

    /// The address that mail comes from.
    pub(super) fn from(&self) -> &str {
        &self.sender
    }

    /// Tells whether the mail server takes mail: connects, encrypts and signs in, if there is no connection.
    pub(super) async fn reach(&self) -> Result<(), AttemptOutcome> {
        self.reach_by(&self.transport).await
    }

    async fn reach_by(&self, transport: &AsyncSmtpTransport<Tokio1Executor>) -> Result<(), AttemptOutcome> {
        let tested = tokio::time::timeout(PATIENCE, transport.test_connection()).await;
        match tested {
            Err(_) => Err(AttemptOutcome::Away(format!("{} does not answer.", self.server))),
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(AttemptOutcome::Away(format!("{} closed the connection.", self.server))),
            Ok(Err(error)) => {
                let problem = shown(&innermost(&error));
                Err(AttemptOutcome::Away(format!("{} cannot be used: {problem}", self.server)))
            }
        }
    }

    /// Sends one mail. `id` is the first part of its `Message-ID`, and `made` its date, however often it is sent.
    pub(super) async fn send(&self, id: &str, to: &str, said: &Said, base: &str, made: Timestamp) -> AttemptOutcome {
        self.post(self.message(id, to, &said.subject, letter::text(said, base), made)).await
    }

    async fn post(&self, message: Result<Message, String>) -> AttemptOutcome {
        let message = match message {
            Ok(message) => message,
            Err(problem) => return AttemptOutcome::Never(problem),
        };
        let Ok(sent) = tokio::time::timeout(WHOLE, self.transport.send(message)).await else {
            return AttemptOutcome::Away(format!("{} does not answer.", self.server));
        };
        match sent {
            Ok(response) => {
                let lines: Vec<_> = response.message().collect();
                AttemptOutcome::Accepted(shown(&format!("{} {}", response.code(), lines.join(" "))))
            }
            Err(error) => {
                let answer = shown(&innermost(&error));
                match error.status() {
                    // It may have been said when a connection was made: of the sender, and not of this mail. One that was
                    // kept from before says nothing of that.
                    Some(code) if error.is_permanent() => match self.reach_by(&self.anew).await {
                        Ok(()) => AttemptOutcome::Never(format!("{code} {answer}")),
                        Err(away) => away,
                    },
                    Some(code) => AttemptOutcome::NotNow(format!("{code} {answer}")),
                    // This mail cannot be put into words that the mail server understands.
                    None if error.is_client() => AttemptOutcome::Never(answer),
                    None => AttemptOutcome::Away(answer),
                }
            }
        }
    }

    /// Sends a mail that says nothing but that mail arrives.
    pub(super) async fn try_out(&self, to: &str, base: &str, now: Timestamp) -> TryAnswer {
        let said = Said {
            subject: "Mail from Changeover arrives".to_owned(),
            happened: "Somebody tried the mail settings of Changeover. This is what was sent.".to_owned(),
            why: None,
            next: None,
            path: "/notifications".to_owned(),
        };
        if let Err(away) = self.reach().await {
            return away.tried();
        }
        let id = format!("try-{}", now.as_nanosecond());
        self.send(&id, to, &said, base, now).await.tried()
    }

    /// Sends an invitation.
    pub(super) async fn invite(
        &self,
        to: &str,
        link: &Secret,
        inviter: &str,
        ends: Timestamp,
        base: &str,
        now: Timestamp,
    ) -> TryAnswer {
        if let Err(away) = self.reach().await {
            return away.tried();
        }
        let (id, text) = (format!("invite-{}", now.as_nanosecond()), letter::invitation(inviter, link, ends, base));
        self.post(self.message(&id, to, "You are invited to Changeover", text, now)).await.tried()
    }

    /// The mail itself. Nobody is named in its head beside their address, so that no name can be mistaken for a part of it.
    fn message(&self, id: &str, to: &str, subject: &str, text: String, made: Timestamp) -> Result<Message, String> {
        let address: Address = to.parse().map_err(|_| "This is no address that mail can be sent to.".to_owned())?;
        let built = Message::builder()
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .date(SystemTime::from(made))
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(domain::visible::shown(subject).replace('\n', " "))
            .header(AutoSubmitted)
            .header(ContentType::TEXT_PLAIN)
            .body(text);
        built.map_err(|error| format!("No mail can be made of this: {error}"))
    }
}

/// Says that no person wrote it, so that no absent one answers (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_that_people_write_ends_a_header() {
        let from = "Changeover <c@example.com>".parse().unwrap();
        let (host, tls) = ("127.0.0.1".to_owned(), MailTls::None);
        let mailer = Mailer::new(MailSettings { host, port: 9, from, tls, credentials: None, ca: None }).unwrap();
        let said = |subject: &str| Said {
            subject: subject.to_owned(),
            happened: "Line\r\n.\r\nMAIL FROM:<x@example.com>\0".to_owned(),
            why: None,
            next: None,
            path: "/".to_owned(),
        };
        for subject in [
            "Grüße aus 日本",
            "a\r\nBcc: all@example.com",
            "a\nBcc: all@example.com\0",
            &"long ".repeat(500),
            "\u{202e}",
        ] {
            let text = letter::text(&said(subject).with_names(|_| String::new()), "http://127.0.0.1");
            let made = mailer.message("01abc", "ada@example.com", subject, text, Timestamp::UNIX_EPOCH);
            let text = String::from_utf8(made.unwrap().formatted()).unwrap();
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            let names: Vec<_> = head
                .split("\r\n")
                .filter(|line| !line.starts_with([' ', '\t']))
                .map(|line| line.split_once(':').unwrap().0)
                .collect();
            let expected = [
                "Message-ID",
                "Date",
                "From",
                "To",
                "Subject",
                "Auto-Submitted",
                "Content-Type",
                "Content-Transfer-Encoding",
            ];
            assert_eq!(names, expected, "{subject:?}");
            assert!(head.contains("Message-ID: <01abc@example.com>"), "{head}");
            assert!(!body.contains('\0') && head.lines().all(|line| line.len() < 1_000), "{subject:?}");
        }
        for to in ["nobody", "a@example.com\r\nBcc: b@example.com", "a@example.com>, <b@example.com", ""] {
            let made = mailer.message("01abc", to, "a", String::new(), Timestamp::UNIX_EPOCH);
            assert!(made.is_err(), "{to:?}");
        }
    }
}
