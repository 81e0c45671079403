//! A server keeps an administrator who can come in.

use crate::principal::{Directory, Member, PrincipalId, ServerRole};

/// True when somebody who can come in is still an administrator once `changed` is as it says. `comes_in` tells who has
/// something to sign in with.
pub fn keeps_an_administrator(
    directory: &Directory,
    changed: &Member,
    comes_in: impl Fn(&PrincipalId) -> bool,
) -> bool {
    let stays = changed.role == ServerRole::Admin && !changed.disabled;
    let mut others = directory.administrators().filter(|member| member.id != changed.id);
    (stays && comes_in(&changed.id)) || others.any(|member| comes_in(&member.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::PrincipalKind;

    #[test]
    fn the_last_one_who_can_come_in_stays() {
        let ada = PrincipalId::new(PrincipalKind::Person, "01hzx3k9d0q4w8r2t6y1v5b7n3").unwrap();
        let mut directory = Directory::default();
        let admin = Member { id: ada.clone(), role: ServerRole::Admin, disabled: false, since: None };
        directory.members.insert(ada.clone(), admin.clone());
        let local = directory.members[&PrincipalId::local()].clone();
        let demoted = |member: &Member| Member { role: ServerRole::Editor, ..member.clone() };
        let disabled = |member: &Member| Member { disabled: true, ..member.clone() };
        let only_local = |id: &PrincipalId| *id == PrincipalId::local();
        for (changed, all, only) in [
            (demoted(&local), true, false),
            (disabled(&local), true, false),
            (demoted(&admin), true, true),
            (disabled(&admin), true, true),
            (local.clone(), true, true),
        ] {
            assert_eq!(keeps_an_administrator(&directory, &changed, |_| true), all, "{changed:?}");
            assert_eq!(keeps_an_administrator(&directory, &changed, only_local), only, "{changed:?}");
            assert!(!keeps_an_administrator(&directory, &changed, |_| false));
        }
    }
}
