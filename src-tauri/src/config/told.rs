//! Each setting as an administrator is told of it: what was written and where, what else would hold, and what it decides. The
//! words are those of `changeover serve --help`.

use std::fmt::Display;
use std::path::Path;

use clap::{Args, Command};
use domain::wire::{SettingSource, SettingView, SettingsView};

use super::ServeArgs;

/// The keys of the file that are no flags, and what they decide.
const TABLES: [(&str, &str); 4] = [
    ("targets", "Targets beside the target local, by name"),
    ("mail", "The mail server that notices are sent by"),
    ("webhook_allow", "Receivers of webhooks that need no address which everybody can reach, and no encryption"),
    ("oidc", "The identity provider that signs people in"),
];

/// The settings of `command`, completed by those of `file`, which lies at `path`.
pub(super) fn told(command: &ServeArgs, file: &ServeArgs, path: &Path) -> SettingsView {
    let (by_command, by_file) = (written(command), written(file));
    let value = |of: &[(&str, Option<String>)], name: &str| of.iter().find(|(key, _)| *key == name)?.1.clone();
    let setting = |(name, meaning, default): (String, String, Option<String>)| {
        let (value, source) = match (value(&by_command, &name), value(&by_file, &name)) {
            (Some(value), _) => (Some(value), SettingSource::Command),
            (None, Some(value)) => (Some(value), SettingSource::File),
            (None, None) => (None, SettingSource::Default),
        };
        SettingView { name, meaning, value, default, source }
    };
    SettingsView {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        file: path.display().to_string(),
        settings: explained().into_iter().map(setting).collect(),
    }
}

/// Key, meaning and default of each setting, in the order of the help.
fn explained() -> Vec<(String, String, Option<String>)> {
    let flags = ServeArgs::augment_args(Command::new("serve"));
    let flag = |argument: &clap::Arg| {
        let name = argument.get_long()?.replace('-', "_");
        let help = argument.get_help()?.to_string();
        let (meaning, default) = match help.split_once(" [default: ") {
            Some((meaning, default)) => (meaning.to_owned(), Some(default.trim_end_matches(']').to_owned())),
            None => (help, None),
        };
        Some((name, meaning, default))
    };
    let tables = TABLES.map(|(name, meaning)| (name.to_owned(), meaning.to_owned(), None));
    flags.get_arguments().filter_map(flag).chain(tables).collect()
}

/// Each setting by its key, as it was written. Passwords and secrets are no settings: they lie in files of their own.
fn written(args: &ServeArgs) -> Vec<(&'static str, Option<String>)> {
    fn one<T: Display>(value: Option<T>) -> Option<String> {
        value.map(|value| value.to_string())
    }
    fn list<T: Display>(values: Option<impl IntoIterator<Item = T>>) -> Option<String> {
        values.map(|values| values.into_iter().map(|value| value.to_string()).collect::<Vec<_>>().join(", "))
    }
    vec![
        ("listen", one(args.listen)),
        ("host_name", list(args.host_name.as_ref())),
        ("public_url", one(args.public_url.as_ref())),
        ("public_gateway", one(args.public_gateway.as_ref())),
        ("gateway", one(args.gateway)),
        ("gateway_threads", one(args.gateway_threads)),
        ("gateway_max_connections", one(args.gateway_max_connections)),
        ("gateway_max_queue", one(args.gateway_max_queue)),
        ("gateway_max_body", one(args.gateway_max_body)),
        ("max_model", one(args.max_model)),
        ("onnxruntime", one(args.onnxruntime.as_ref().map(|path| path.display()))),
        ("orphan_seconds", one(args.orphan_seconds)),
        ("shutdown_seconds", one(args.shutdown_seconds)),
        ("shutdown_notice_seconds", one(args.shutdown_notice_seconds)),
        ("capacity_cpu", one(args.capacity_cpu)),
        ("capacity_memory_gb", one(args.capacity_memory_gb)),
        ("capacity_gpus", one(args.capacity_gpus)),
        ("targets", list(args.targets.as_ref().map(|targets| targets.keys()))),
        ("mail", one(args.mail.as_ref().map(|mail| &mail.host))),
        ("webhook_allow", list(args.webhook_allow.as_ref())),
        ("oidc", one(args.oidc.as_ref().map(|oidc| &oidc.issuer))),
        ("trusted_proxies", list(args.trusted_proxies.as_ref())),
        ("no_local_token", one(args.no_local_token)),
        ("log_level", one(args.log_level)),
        ("allow_remote", one(args.allow_remote)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_told_once_with_what_it_decides() {
        let explained = explained();
        let mut told: Vec<_> = explained.iter().map(|(name, ..)| name.as_str()).collect();
        let mut written: Vec<_> = written(&ServeArgs::default()).into_iter().map(|(name, _)| name).collect();
        told.sort_unstable();
        written.sort_unstable();
        assert_eq!(told, written);
        assert!(
            explained.iter().all(|(_, meaning, _)| !meaning.is_empty() && !meaning.contains('[')),
            "{explained:#?}"
        );
    }

    #[test]
    fn a_setting_is_told_with_its_source() {
        let command = ServeArgs { no_local_token: Some(false), ..ServeArgs::default() };
        let text = "no_local_token = true\nmax_model = \"5GiB\"\ncapacity_cpu = 1.5\n[mail]\nhost = \"mail.example\"\n\
                    from = \"a@b.example\"\npassword_file = \"secret-place\"\n[targets.night]\nkind = \"local\"\ncapacity_cpu = 1\n\
                    capacity_memory_gb = 1";
        let view = told(&command, &toml::from_str(text).unwrap(), Path::new("/d/changeover.toml"));
        let of = |name: &str| {
            let setting = view.settings.iter().find(|setting| setting.name == name).unwrap();
            (setting.value.as_deref(), setting.source)
        };
        assert_eq!(of("no_local_token"), (Some("false"), SettingSource::Command));
        assert_eq!(of("max_model"), (Some("5GiB"), SettingSource::File));
        assert_eq!(of("capacity_cpu"), (Some("1.5"), SettingSource::File));
        assert_eq!(of("targets"), (Some("night"), SettingSource::File));
        assert_eq!(of("mail"), (Some("mail.example"), SettingSource::File));
        assert_eq!(of("listen"), (None, SettingSource::Default));
        let listen = view.settings.iter().find(|setting| setting.name == "listen").unwrap();
        assert_eq!(listen.default.as_deref(), Some("127.0.0.1:7070"));
        assert!(!format!("{view:?}").contains("secret-place"));
    }
}
