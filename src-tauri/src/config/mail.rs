//! The mail server that notices are sent by: the table `[mail]` of the file.

use std::path::{Path, PathBuf};

use domain::secret::Secret;
use lettre::message::Mailbox;
use serde::Deserialize;

use super::values::Bounded;
use super::{ConfigError, DataDir};

/// Longest password, in bytes.
const LONGEST_PASSWORD: u64 = 4_096;
/// Longest file of certificates, in bytes.
const LONGEST_CA: u64 = 1 << 20;

/// The table `[mail]` as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailArgs {
    /// The host of the mail server.
    pub host: String,
    /// Its port; by default 587, with `tls = "tls"` 465, with `tls = "none"` 25.
    pub port: Option<Bounded<1, 65_535>>,
    /// The address that mail comes from: `changeover@example.com`, or `Changeover <changeover@example.com>`.
    pub from: String,
    /// The way in which the connection is encrypted; by default `starttls`.
    #[serde(default)]
    pub tls: MailTls,
    /// The name to sign in with; nobody signs in without it.
    pub username: Option<String>,
    /// The file that holds the password, and nothing else.
    pub password_file: Option<PathBuf>,
    /// A PEM file with the certificates that the mail server's is trusted by, in the place of those of this machine.
    pub ca_file: Option<PathBuf>,
}

/// The ways in which the connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailTls {
    /// It begins in the clear, and nothing is sent before it is encrypted.
    #[default]
    Starttls,
    /// It is encrypted from the start.
    Tls,
    /// It is not encrypted.
    None,
}

/// The mail server that notices are sent by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The address that mail comes from.
    pub from: Mailbox,
    /// The way in which the connection is encrypted.
    pub tls: MailTls,
    /// The name and the password to sign in with.
    pub credentials: Option<(String, Secret)>,
    /// Certificates in PEM that the mail server's is trusted by; none: those of this machine.
    pub ca: Option<Vec<u8>>,
}

impl MailArgs {
    pub(super) fn resolve(self, data: &DataDir) -> Result<MailSettings, ConfigError> {
        let wrong = |problem: String| ConfigError::Mail { problem };
        let from: Mailbox = self.from.parse().map_err(|_| {
            wrong(format!(
                "from = {:?} is no address; write changeover@example.com or Changeover <changeover@example.com>",
                self.from
            ))
        })?;
        if self.host.is_empty() || self.host.chars().any(|c| !(c.is_ascii_alphanumeric() || ".-:[]_".contains(c))) {
            return Err(wrong(format!("host = {:?} is no host name", self.host)));
        }
        let port = match (self.port, self.tls) {
            (Some(port), _) => u16::try_from(port.get()).unwrap_or(u16::MAX),
            (None, MailTls::Starttls) => 587,
            (None, MailTls::Tls) => 465,
            (None, MailTls::None) => 25,
        };
        let credentials = match (self.username, self.password_file) {
            (Some(_), Some(_)) if self.tls == MailTls::None => {
                let problem = "username and password_file need tls = \"starttls\" or \"tls\": the password would be sent in the clear";
                return Err(wrong(problem.to_owned()));
            }
            (Some(name), Some(file)) => {
                let password = read(data, &file, LONGEST_PASSWORD)?;
                let password =
                    String::from_utf8(password).map_err(|_| wrong(format!("{} is no text", file.display())))?;
                let password = password.trim_end_matches(['\r', '\n']);
                if password.is_empty() {
                    return Err(wrong(format!("{} holds no password", file.display())));
                }
                Some((name, Secret::new(password)))
            }
            (None, None) => None,
            _ => return Err(wrong("username and password_file belong together; write both or neither".to_owned())),
        };
        let ca = self.ca_file.map(|file| read(data, &file, LONGEST_CA)).transpose()?;
        Ok(MailSettings { host: self.host, port, from, tls: self.tls, credentials, ca })
    }
}

/// Reads a file that the settings name, from their own folder where its path is relative.
fn read(data: &DataDir, file: &Path, longest: u64) -> Result<Vec<u8>, ConfigError> {
    let path = data.path().join(file);
    let unreadable = |source| ConfigError::Unreadable { path: path.clone(), source };
    let length = std::fs::metadata(&path).map_err(unreadable)?.len();
    if length > longest {
        return Err(ConfigError::Mail { problem: format!("{} is longer than {longest} bytes", path.display()) });
    }
    std::fs::read(&path).map_err(|source| ConfigError::Unreadable { path: path.clone(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(table: &str) -> Result<MailSettings, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("password"), "s3cret\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let args: MailArgs = toml::from_str(table).map_err(|error| error.to_string())?;
        args.resolve(&DataDir::resolve(Some(folder.path())).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_mail_server_is_described_in_a_few_lines() {
        let both = "host = 'mail.example.com'\nfrom = 'Changeover <c@example.com>'\nusername = 'c'\npassword_file = 'password'";
        let settings = resolved(both).unwrap();
        assert_eq!((settings.port, settings.tls), (587, MailTls::Starttls));
        assert_eq!(settings.credentials, Some(("c".to_owned(), Secret::new("s3cret"))));
        assert!(!format!("{settings:?}").contains("s3cret"));
        let port = |tls: &str| resolved(&format!("host = 'm'\nfrom = 'c@example.com'\ntls = '{tls}'")).unwrap().port;
        assert_eq!([port("starttls"), port("tls"), port("none")], [587, 465, 25]);
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_a_sentence() {
        for (table, problem) in [
            ("host = 'm'\nfrom = 'nobody'", "is no address"),
            ("host = 'm'\nfrom = \"a@example.com\\r\\nBcc: b@example.com\"", "is no address"),
            ("host = 'm x'\nfrom = 'a@example.com'", "is no host name"),
            ("host = 'm'\nfrom = 'a@example.com'\nusername = 'a'", "belong together"),
            (
                "host = 'm'\nfrom = 'a@example.com'\ntls = 'none'\nusername = 'a'\npassword_file = 'password'",
                "in the clear",
            ),
            ("host = 'm'\nfrom = 'a@example.com'\nusername = 'a'\npassword_file = 'empty'", "holds no password"),
            ("host = 'm'\nfrom = 'a@example.com'\nusername = 'a'\npassword_file = 'missing'", "cannot be read"),
            ("host = 'm'\nfrom = 'a@example.com'\ntls = 'ssl'", "unknown variant"),
            ("host = 'm'\nfrom = 'a@example.com'\nport = 0", "1 to 65535"),
            ("from = 'a@example.com'", "missing field"),
        ] {
            let error = resolved(table).unwrap_err();
            assert!(error.contains(problem), "{table}: {error}");
        }
    }
}
