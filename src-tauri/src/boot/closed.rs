//! A server whose own token lets nobody in must have somebody else who can come in.

use domain::principal::PrincipalId;

use super::error::BootError;
use crate::commands::WaysIn;
use crate::config::Serve;
use crate::store::{Store, StoreError};

/// Checks that another administrator has a password or an account at the identity provider, where the token is to let nobody in.
///
/// # Errors
/// [`BootError::NobodyElse`]; those of the store.
pub(super) fn check(settings: &Serve, store: &Store) -> Result<(), BootError> {
    if !settings.no_local_token {
        return Ok(());
    }
    let issuer = settings.oidc.as_ref().map(|oidc| oidc.issuer.clone());
    let ways = WaysIn { closed: true, issuer };
    let (directory, signs_in) =
        store.read(|reading| Ok::<_, StoreError>((reading.directory()?, ways.who_signs_in(reading)?)))?;
    let mut others = directory.administrators().filter(|member| member.id != PrincipalId::local());
    if others.any(|member| signs_in.contains(&member.id)) { Ok(()) } else { Err(BootError::NobodyElse) }
}

#[cfg(test)]
mod tests {
    use domain::event::Event;
    use domain::principal::{Member, PrincipalKind, ServerRole};
    use jiff::Timestamp;

    use super::*;
    use crate::config::{DataDir, ServeArgs};
    use crate::events::Events;
    use crate::store::tables::identities::PasswordHash;

    #[test]
    fn another_administrator_needs_a_password_first() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::resolve(Some(folder.path())).unwrap();
        let settings = |no_local_token| Serve { no_local_token, ..ServeArgs::default().resolve(data.clone()).unwrap() };
        let store = Store::open(folder.path(), Events::default()).unwrap();
        check(&settings(false), &store).unwrap();
        let id = PrincipalId::new(PrincipalKind::Person, "01hzx3k9d0q4w8r2t6y1v5b7n3").unwrap();
        let hash = PasswordHash { memory: 8, passes: 1, lanes: 1, salt: String::new(), hash: String::new() };
        let refused = || assert!(matches!(check(&settings(true), &store), Err(BootError::NobodyElse)));
        refused();
        let write = |write: &dyn Fn(&mut crate::store::Writing<'_>) -> Result<(), StoreError>| {
            store.write(&id.actor(), Timestamp::UNIX_EPOCH, write).unwrap();
        };
        write(&|writing| writing.put_password(&PrincipalId::local(), hash.clone()));
        refused();
        let member = Member { id: id.clone(), role: ServerRole::Admin, disabled: false, since: None };
        write(&|writing| {
            writing.append(None, Event::MemberAdded { member: member.clone(), invitation: None })?;
            writing.put_password(&id, hash.clone())
        });
        check(&settings(true), &store).unwrap();
        write(&|writing| {
            let member = Member { disabled: true, ..member.clone() };
            writing.append(None, Event::MemberChanged { member }).map(drop)
        });
        refused();
    }
}
