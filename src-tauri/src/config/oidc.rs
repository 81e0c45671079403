//! The table `[oidc]`: the identity provider that signs people in, and whom it lets in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use domain::provider::{Admission, Newcomers, group_name};
use domain::secret::Secret;
use serde::Deserialize;
use url::{Host, Url};

use super::ConfigError;
use super::data::read_if_there;

/// The table `[oidc]` of the file, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcArgs {
    /// The provider's address, character for character as it names itself.
    pub issuer: String,
    /// The name under which it knows this server.
    pub client_id: String,
    /// The file with the secret that this server has there; none for a client that has none.
    pub client_secret_file: Option<PathBuf>,
    /// Its name, for people to read; else its host.
    pub name: Option<String>,
    /// Everything that it is asked to say, `openid` aside; else `profile` and `email`.
    pub scopes: Option<Vec<String>>,
    /// The claim that names somebody's groups.
    pub groups_claim: Option<String>,
    /// The claim that names the domain of an account, such as `hd` at Google; else that of its verified address counts.
    pub domain_claim: Option<String>,
    /// The group there whose members are administrators here.
    pub admin_group: Option<String>,
    /// Newcomers belong to one of these groups there.
    #[serde(default)]
    pub allowed_groups: BTreeSet<String>,
    /// Newcomers belong to one of these domains.
    #[serde(default)]
    pub allowed_domains: BTreeSet<String>,
    /// Those who become a person here.
    #[serde(default)]
    pub create: Newcomers,
}

/// The identity provider, and whom it lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSettings {
    /// The provider's name, for people to read.
    pub name: String,
    /// Its address: `https`, or `http` on this machine.
    pub issuer: String,
    /// The name under which it knows this server.
    pub client_id: String,
    /// The secret that this server has there; none for a client that has none.
    pub client_secret: Option<Secret>,
    /// Everything that it is asked to say, `openid` aside.
    pub scopes: Vec<String>,
    /// The claim that names somebody's groups.
    pub groups_claim: Option<String>,
    /// The claim that names the domain of an account.
    pub domain_claim: Option<String>,
    /// Who is let in.
    pub admission: Admission,
}

impl OidcArgs {
    /// Reads the secret, and checks the whole. A relative path is meant from `folder`.
    ///
    /// # Errors
    /// [`ConfigError::Oidc`], which names the key.
    pub(super) fn resolve(self, folder: &Path) -> Result<OidcSettings, ConfigError> {
        let host = check_issuer(&self.issuer)?;
        if self.client_id.trim().is_empty() {
            return Err(wrong("client_id", "is empty; it is the name under which the provider knows this server"));
        }
        let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        let scopes = self.scopes.unwrap_or_else(|| ["profile", "email"].map(str::to_owned).to_vec());
        if let Some(scope) = scopes.iter().find(|scope| !plain(scope)) {
            return Err(wrong("scopes", format!("holds \"{scope}\"; a scope is one word, such as \"profile\"")));
        }
        for (key, claim) in [("groups_claim", &self.groups_claim), ("domain_claim", &self.domain_claim)] {
            if claim.as_deref().is_some_and(|claim| !plain(claim)) {
                return Err(wrong(key, "is no name of a claim, such as \"groups\""));
            }
        }
        if self.domain_claim.is_some() && self.allowed_domains.is_empty() {
            return Err(wrong("domain_claim", "is for allowed_domains, and none is named"));
        }
        for (key, groups) in [
            ("admin_group", self.admin_group.iter().collect::<Vec<_>>()),
            ("allowed_groups", self.allowed_groups.iter().collect()),
        ] {
            let named = |group: &&String| matches!(group_name(group), Ok(Some(name)) if name == **group);
            if let Some(group) = groups.iter().find(|group| !named(group)) {
                return Err(wrong(key, format!("holds \"{group}\", which is no name of a group")));
            }
            if !groups.is_empty() && self.groups_claim.is_none() {
                return Err(wrong(key, "needs groups_claim, which says in which claim the provider names groups"));
            }
        }
        let domain = |domain: &String| matches!(Host::parse(domain), Ok(Host::Domain(parsed)) if parsed == domain.to_ascii_lowercase());
        if let Some(other) = self.allowed_domains.iter().find(|given| !domain(given)) {
            return Err(wrong(
                "allowed_domains",
                format!("holds \"{other}\"; a domain is written example.org, without an @"),
            ));
        }
        let is_open = !self.allowed_groups.is_empty() || !self.allowed_domains.is_empty();
        match (self.create, is_open) {
            (Newcomers::Allowed, false) => {
                let problem = "is \"allowed\", and nothing says who is: add allowed_groups or allowed_domains";
                return Err(wrong("create", problem));
            }
            (Newcomers::Invited, true) => {
                let problem = "is \"invited\", so allowed_groups and allowed_domains let nobody in: say create = \"allowed\", or take them out";
                return Err(wrong("create", problem));
            }
            _ => {}
        }
        Ok(OidcSettings {
            name: self.name.filter(|name| !name.trim().is_empty()).unwrap_or(host),
            issuer: self.issuer,
            client_id: self.client_id,
            client_secret: self.client_secret_file.map(|file| secret(&folder.join(file))).transpose()?,
            scopes: scopes.into_iter().filter(|scope| scope != "openid").collect(),
            groups_claim: self.groups_claim,
            domain_claim: self.domain_claim,
            admission: Admission {
                newcomers: self.create,
                admin_group: self.admin_group,
                allowed_groups: self.allowed_groups,
                allowed_domains: self.allowed_domains,
            },
        })
    }
}

/// Checks that the provider's address can be believed; its host.
fn check_issuer(issuer: &str) -> Result<String, ConfigError> {
    let rule = "is no address such as https://login.example/realms/team";
    let url = Url::parse(issuer).map_err(|_| wrong("issuer", rule))?;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    let host =
        url.host().filter(|_| plain && !issuer.contains(char::is_whitespace)).ok_or_else(|| wrong("issuer", rule))?;
    let is_here = match &host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_here => {}
        "http" => return Err(wrong("issuer", "must begin with https:// unless the provider runs on this machine")),
        _ => return Err(wrong("issuer", rule)),
    }
    Ok(url.port().map_or_else(|| host.to_string(), |port| format!("{host}:{port}")))
}

fn secret(path: &Path) -> Result<Secret, ConfigError> {
    match read_if_there(path)? {
        Some(text) if !text.trim().is_empty() => Ok(Secret::new(text.trim())),
        Some(_) => Err(wrong("client_secret_file", format!("names {}, which is empty", path.display()))),
        None => Err(wrong("client_secret_file", format!("names {}, which is not there", path.display()))),
    }
}

fn wrong(key: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Oidc { key, problem: problem.into() }
}
