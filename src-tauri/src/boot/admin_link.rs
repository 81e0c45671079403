//! `changeover admin link`: the way back in, on the data directory itself.

use domain::moment;
use domain::principal::PrincipalId;
use serde_json::json;

use super::error::BootError;
use crate::api::MadeSecret;
use crate::clock::Clock;
use crate::commands;
use crate::config::{DataDir, ServeArgs};
use crate::events::Events;
use crate::store::Store;

/// Makes a link by which an administrator signs in, and says where it leads: to the public address if the settings file
/// names one, else to where the server answers.
///
/// # Errors
/// Nobody like that is an administrator; the database cannot be written.
pub(super) fn make(data: &DataDir, person: Option<&str>, json: bool) -> Result<String, BootError> {
    let store = Store::open(data.path(), Events::default())?.before_commit(commands::tell);
    let made = MadeSecret::plain()?;
    let now = Clock::start(None).now();
    let write = |writing: &mut crate::store::Writing<'_>| commands::make_admin_link(writing, person, made.hash);
    let link = store.write(&PrincipalId::local().actor(), now, write)?;
    let leads_to = format!("{}/admin-link#{}", base(data), made.text.reveal());
    Ok(if json {
        json!({ "person": link.person, "link": leads_to, "expires_at": link.expires_at }).to_string()
    } else {
        format!("{leads_to}\nIt signs in {} once, until {}.", link.person, moment::in_words(link.expires_at))
    })
}

fn base(data: &DataDir) -> String {
    let settings = ServeArgs::default().resolve(data.clone()).ok();
    let public = settings.as_ref().and_then(|settings| settings.public_url.as_ref()).map(|url| url.as_str().to_owned());
    let running = || data.running_server().ok().flatten().map(|running| running.api);
    let listen = || settings.as_ref().map(|settings| format!("http://{}", settings.listen));
    public.or_else(running).or_else(listen).unwrap_or_else(|| "http://127.0.0.1:7070".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_made_beside_the_server_and_leads_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::resolve(Some(folder.path())).unwrap();
        let server = Store::open(folder.path(), Events::default()).unwrap();
        std::fs::write(data.settings(), "public_url = \"https://models.example/ops\"").unwrap();
        let said = make(&data, None, false).unwrap();
        assert!(said.starts_with("https://models.example/ops/admin-link#"), "{said}");
        assert!(said.contains("It signs in local once, until "), "{said}");
        let said: serde_json::Value = serde_json::from_str(&make(&data, Some("local"), true).unwrap()).unwrap();
        assert_eq!(said["person"], "local");
        assert!(make(&data, Some("nobody@example.org"), false).unwrap_err().to_string().contains("local"));
        let verified = server.verify().unwrap();
        assert!(verified.intact && verified.entries == 2, "{verified:?}");
    }
}
