//! The source of each setting, and the settings that are refused.

use std::path::Path;

use clap::builder::{OsStr, Resettable};
use clap::{Args, Command, FromArgMatches};

use domain::provider::Admission;

use super::{
    CapacitySettings, ConfigError, DataDir, LogLevel, OidcSettings, PublicUrl, Serve, ServeArgs, ShutdownSettings,
};

fn command() -> Command {
    ServeArgs::augment_args(Command::new("serve").no_binary_name(true))
}

/// Settings from these flags and this file, in a folder that is also the program's.
fn resolve(flags: &[&str], file: Option<&str>) -> Result<Serve, String> {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path())).unwrap();
    if let Some(text) = file {
        std::fs::write(data.settings(), text).unwrap();
    }
    // The environment of whoever runs the tests is not asked.
    let command = command().mut_args(|argument| argument.env(Resettable::<OsStr>::Reset));
    let matches = command.try_get_matches_from(flags).map_err(|error| error.to_string())?;
    let args = ServeArgs::from_arg_matches(&matches).unwrap();
    args.resolve_beside(data, Some(folder.path())).map_err(|error| error.to_string())
}

#[test]
fn without_anything_the_defaults_hold() {
    let serve = resolve(&[], None).unwrap();
    assert_eq!(serve.listen.to_string(), "127.0.0.1:7070");
    assert_eq!(serve.gateway.listen.to_string(), "127.0.0.1:7080");
    assert_eq!((serve.gateway.threads, serve.gateway.max_body_bytes), (None, 64 << 20));
    assert_eq!((serve.max_model_bytes, serve.orphan_seconds), (2 << 30, 600));
    assert_eq!((serve.onnxruntime, serve.log_level), (None, LogLevel::Info));
    assert_eq!(serve.capacity, CapacitySettings::default());
    assert_eq!(serve.shutdown, ShutdownSettings { drain_seconds: None, notice_seconds: 0 });
}

#[test]
fn the_end_of_the_server_has_its_times() {
    let serve = resolve(&["--shutdown-seconds", "90"], Some("shutdown_notice_seconds = 5")).unwrap();
    assert_eq!(serve.shutdown, ShutdownSettings { drain_seconds: Some(90), notice_seconds: 5 });
    assert!(resolve(&["--shutdown-notice-seconds", "3601"], None).is_err());
}

#[test]
fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
    let file = "listen = \"127.0.0.1:1\"\ngateway_threads = 3\ngateway_max_body = \"1MiB\"\nlog_level = \"debug\"";
    let serve = resolve(&["--listen", "127.0.0.1:2", "--max-model", "5 GiB"], Some(file)).unwrap();
    assert_eq!(serve.listen.to_string(), "127.0.0.1:2");
    assert_eq!((serve.gateway.threads, serve.gateway.max_body_bytes), (Some(3), 1 << 20));
    assert_eq!((serve.log_level, serve.max_model_bytes), (LogLevel::Debug, 5 << 30));
    assert_eq!(serve.gateway.listen.to_string(), "127.0.0.1:7080");
}

#[test]
fn what_replicas_may_be_given_is_said_in_parts_of_a_thousand() {
    let serve = resolve(&["--capacity-cpu", "1.5"], Some("capacity_memory_gb = 4\ncapacity_gpus = 2")).unwrap();
    let said = CapacitySettings { cpu_milli: Some(1_500), memory_mb: Some(4_000), gpus: Some(2) };
    assert_eq!(serve.capacity, said);
}

/// A table `[oidc]` with these lines beside what it must have.
fn oidc(lines: &str) -> Result<Option<OidcSettings>, String> {
    let file = format!("[oidc]\nissuer = \"https://login.example/realms/team\"\nclient_id = \"changeover\"\n{lines}");
    resolve(&[], Some(&file)).map(|serve| serve.oidc)
}

#[test]
fn an_identity_provider_has_its_defaults() {
    assert_eq!(resolve(&[], None).unwrap().oidc, None);
    let plain = oidc("").unwrap().unwrap();
    assert_eq!((plain.name.as_str(), plain.client_secret), ("login.example", None));
    assert_eq!(plain.scopes, ["profile", "email"]);
    assert_eq!((plain.groups_claim, plain.admission), (None, Admission::default()));
    let full = "name = \"Team\"\nscopes = [\"openid\", \"groups\"]\ngroups_claim = \"groups\"\nadmin_group = \"/chiefs\"\n\
                allowed_groups = [\"ml\"]\nallowed_domains = [\"example.org\"]\ndomain_claim = \"hd\"\ncreate = \"allowed\"";
    let full = oidc(full).unwrap().unwrap();
    assert_eq!((full.name.as_str(), full.scopes.join(" ")), ("Team", "groups".to_owned()));
    assert_eq!(full.domain_claim.as_deref(), Some("hd"));
    assert_eq!(full.admission.admin_group.as_deref(), Some("/chiefs"));
    let here = resolve(&[], Some("[oidc]\nissuer = \"http://127.0.0.1:3000\"\nclient_id = \"x\"")).unwrap();
    assert_eq!(here.oidc.unwrap().name, "127.0.0.1:3000");
}

#[test]
fn the_secret_at_an_identity_provider_is_read_from_a_file_and_shown_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path())).unwrap();
    std::fs::write(folder.path().join("secret"), " hunter2\n").unwrap();
    let file = "[oidc]\nissuer = \"https://login.example\"\nclient_id = \"x\"\nclient_secret_file = \"secret\"";
    std::fs::write(data.settings(), file).unwrap();
    let serve = ServeArgs::default().resolve_beside(data, None).unwrap();
    assert!(!format!("{serve:?}").contains("hunter2"));
    assert_eq!(serve.oidc.unwrap().client_secret.unwrap().reveal(), "hunter2");
}

#[test]
fn an_identity_provider_that_cannot_be_used_is_refused_by_its_key() {
    for (lines, parts) in [
        ("colour = 1", &["unknown field `colour`"][..]),
        ("create = \"all\"", &["line 4", "invited", "allowed"]),
        ("create = \"allowed\"", &["create", "allowed_groups or allowed_domains"]),
        ("allowed_domains = [\"example.org\"]", &["create", "take them out"]),
        ("create = \"allowed\"\nallowed_domains = [\"@example.org\"]", &["allowed_domains", "@example.org"]),
        ("create = \"allowed\"\nallowed_domains = [\"\"]", &["allowed_domains"]),
        ("create = \"allowed\"\nallowed_groups = [\"ml\"]", &["allowed_groups", "groups_claim"]),
        ("admin_group = \"chiefs\"", &["admin_group", "groups_claim"]),
        ("groups_claim = \"groups\"\nadmin_group = \" \"", &["admin_group", "no name of a group"]),
        ("groups_claim = \"my groups\"", &["groups_claim"]),
        ("domain_claim = \"hd\"", &["domain_claim", "allowed_domains"]),
        ("domain_claim = \"h d\"", &["domain_claim", "no name of a claim"]),
        ("scopes = [\"profile email\"]", &["scopes", "profile email"]),
        ("client_secret_file = \"none\"", &["client_secret_file", "none", "not there"]),
    ] {
        let refused = oidc(lines).unwrap_err();
        for part in parts {
            assert!(refused.contains(part), "{lines}: {refused}");
        }
    }
    for issuer in [
        "login",
        "ftp://login.example",
        "http://login.example",
        "https://a:b@login.example",
        "https://x/?a",
        " https://x",
    ] {
        let file = format!("[oidc]\nissuer = \"{issuer}\"\nclient_id = \"x\"");
        let refused = resolve(&[], Some(&file)).unwrap_err();
        assert!(refused.contains("issuer in the table [oidc]"), "{issuer}: {refused}");
    }
    assert!(resolve(&[], Some("[oidc]\nissuer = \"https://login.example\"")).unwrap_err().contains("client_id"));
    let everywhere = ["--listen", "0.0.0.0:7070", "--allow-remote"];
    let file = "[oidc]\nissuer = \"https://login.example\"\nclient_id = \"x\"";
    assert!(resolve(&everywhere, Some(file)).unwrap_err().contains("--public-url"));
    let told = [&everywhere[..], &["--public-url", "https://models.example"]].concat();
    assert!(resolve(&told, Some(file)).is_ok());
}

#[test]
fn a_flag_wins_over_the_variable_and_the_variable_over_the_file() {
    const CHILD: &str = "CHANGEOVER_TESTS_CHILD";
    if std::env::var_os(CHILD).is_none() {
        // A process cannot safely change its own environment, so the test runs once more in one that has it.
        let name = "config::tests::a_flag_wins_over_the_variable_and_the_variable_over_the_file";
        let mut child = std::process::Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", name]).env(CHILD, "1");
        child.env("CHANGEOVER_LISTEN", "127.0.0.1:3").env("CHANGEOVER_GATEWAY", "127.0.0.1:4");
        let output = child.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path())).unwrap();
    let file = "listen = \"127.0.0.1:1\"\ngateway = \"127.0.0.1:1\"\nlog_level = \"warn\"";
    std::fs::write(data.settings(), file).unwrap();
    let matches = command().try_get_matches_from(["--listen", "127.0.0.1:2"]).unwrap();
    let serve = ServeArgs::from_arg_matches(&matches).unwrap().resolve_beside(data, None).unwrap();
    assert_eq!(serve.listen.port(), 2, "flag");
    assert_eq!(serve.gateway.listen.port(), 4, "variable");
    assert_eq!(serve.log_level, LogLevel::Warn, "file");
}

#[test]
fn every_flag_has_its_variable_and_its_key() {
    let command = command();
    for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
        let flag = argument.get_long().unwrap();
        let variable = format!("CHANGEOVER_{}", flag.replace('-', "_").to_uppercase());
        assert_eq!(argument.get_env().and_then(|name| name.to_str()), Some(variable.as_str()), "{flag}");
        // A key that the file does not know is refused as unknown, a known one for its wrong value.
        let key = flag.replace('-', "_");
        let refused = resolve(&[], Some(&format!("{key} = {{}}"))).unwrap_err();
        assert!(!refused.contains("unknown field"), "{key}: {refused}");
    }
}

#[test]
fn what_cannot_be_used_is_refused_by_name() {
    for (flags, file, parts) in [
        (&["--listen", "here"][..], None, &["--listen", "here"][..]),
        (&["--gateway-threads", "0"], None, &["--gateway-threads", "1 to 256"]),
        (&["--max-model", "5XB"], None, &["--max-model", "64MiB"]),
        (&["--log-level", "loud"], None, &["--log-level", "loud"]),
        (&["--onnxruntime", "no/such.so"], None, &["no/such.so", "--onnxruntime"]),
        (&["--listen", "127.0.0.1:9", "--gateway", "127.0.0.1:9"], None, &["different ports"]),
        (&["--capacity-cpu", "0"], None, &["--capacity-cpu", "0.001"]),
        (&["--capacity-memory-gb", "NaN"], None, &["--capacity-memory-gb", "0.001"]),
        (&[], Some("capacity_memory_gb = -1.0"), &["changeover.toml", "0.001"]),
        (&["--capacity-gpus", "1.5"], None, &["--capacity-gpus", "0 to 1024"]),
        (&[], Some("listne = 3"), &["changeover.toml", "line 1", "listne", "listen"]),
        (&[], Some("listen = 3"), &["changeover.toml", "line 1", "listen"]),
        (&[], Some("\norphan_seconds = 86401"), &["changeover.toml", "line 2", "0 to 86400"]),
        (&[], Some("gateway_max_body = \"1 parsec\""), &["changeover.toml", "1 parsec"]),
        (&[], Some("data = \"/\""), &["changeover.toml", "unknown field `data`"]),
        (&[], Some("listen = "), &["changeover.toml", "line 1"]),
    ] {
        let error = resolve(flags, file).unwrap_err();
        assert!(parts.iter().all(|part| error.contains(part)), "{flags:?} {file:?}: {error}");
    }
}

#[test]
fn other_machines_come_in_only_when_that_was_said() {
    for remote in ["0.0.0.0:7070", "192.168.1.4:7070", "[::]:7070"] {
        for flag in ["--listen", "--gateway"] {
            let refused = resolve(&[flag, remote], None).unwrap_err();
            assert!(refused.contains(flag) && refused.contains("--allow-remote"), "{refused}");
            assert!(resolve(&[flag, remote, "--allow-remote=false"], Some("allow_remote = true")).is_err());
            let allowed = resolve(&[flag, remote, "--allow-remote"], None);
            assert!(allowed.is_ok(), "{allowed:?}");
            let (listen, gateway) = ("listen = \"127.0.0.1:1\"", "gateway = \"127.0.0.1:2\"");
            let file = format!("{listen}\n{gateway}\nallow_remote = true");
            assert!(resolve(&[flag, remote], Some(&file)).is_ok());
        }
    }
    assert!(resolve(&["--listen", "[::1]:7070"], None).is_ok());
}

#[test]
fn the_library_is_looked_for_near_the_program() {
    let root = tempfile::tempdir().unwrap();
    let bin = root.path().join("bin");
    let data = DataDir::resolve(Some(&root.path().join("data"))).unwrap();
    let found = || ServeArgs::default().resolve_beside(data.clone(), Some(&bin)).unwrap().onnxruntime;
    let place = |folder: &str| {
        std::fs::create_dir_all(root.path().join(folder)).unwrap();
        let library = root.path().join(folder).join("libonnxruntime.so");
        std::fs::write(&library, "").unwrap();
        library.canonicalize().unwrap()
    };
    std::fs::create_dir(&bin).unwrap();
    assert_eq!(found(), None);
    for folder in ["onnxruntime", "lib", "bin"] {
        let library = place(folder);
        assert_eq!(found(), Some(library));
    }
}

#[test]
fn a_relative_path_in_the_file_is_meant_from_there() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path())).unwrap();
    std::fs::write(folder.path().join("here.so"), "").unwrap();
    std::fs::write(data.settings(), "onnxruntime = \"here.so\"").unwrap();
    let serve = ServeArgs::default().resolve_beside(data, None).unwrap();
    assert!(serve.onnxruntime.is_some_and(|path| path.is_absolute() && path.ends_with("here.so")));
}

#[test]
fn a_server_is_found_by_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::resolve(Some(folder.path())).unwrap();
    assert!(matches!((data.running_server(), data.read_token()), (Ok(None), Ok(None))));
    let text = r#"{"api":"http://127.0.0.1:7070","gateway":"http://127.0.0.1:7080","pid":123}"#;
    std::fs::write(data.server(), text).unwrap();
    std::fs::write(data.token(), "secret\n").unwrap();
    let server = data.running_server().unwrap().unwrap();
    assert_eq!((server.api.as_str(), server.pid), ("http://127.0.0.1:7070", 123));
    assert_eq!(data.read_token().unwrap().as_deref(), Some("secret"));
    std::fs::write(data.server(), "{").unwrap();
    assert!(matches!(data.running_server(), Err(ConfigError::File { path, .. }) if path == data.server()));
    assert!(DataDir::resolve(Some(Path::new("here"))).unwrap().path().is_absolute());
}

#[test]
fn a_public_url_says_where_a_proxy_answers() {
    let url: PublicUrl = "https://Models.example:8443/ops/".parse().unwrap();
    assert_eq!((url.as_str(), url.host().as_str()), ("https://models.example:8443/ops", "models.example:8443"));
    let url: PublicUrl = "https://models.example".parse().unwrap();
    assert_eq!((url.as_str(), url.host().as_str()), ("https://models.example", "models.example"));
    for wrong in
        ["", "models.example", "ftp://models.example", "https://me:x@models.example", "https://a/?x", "http://"]
    {
        assert!(wrong.parse::<PublicUrl>().is_err(), "{wrong}");
    }
}

#[test]
fn proxies_are_trusted_by_address_or_network() {
    let serve = resolve(&["--trusted-proxies", "127.0.0.1,10.0.0.0/8", "--no-local-token"], None).unwrap();
    let found: Vec<_> =
        serve.trusted_proxies.iter().map(|network| (network.address.to_string(), network.bits)).collect();
    assert_eq!(found, [("127.0.0.1".to_owned(), 32), ("10.0.0.0".to_owned(), 8)]);
    assert!(serve.no_local_token);
    let serve = resolve(&[], Some("trusted_proxies = [\"fd00::/8\"]\nno_local_token = true")).unwrap();
    assert_eq!((serve.trusted_proxies[0].bits, serve.no_local_token), (8, true));
    for wrong in ["proxy", "10.0.0.0/33", "fd00::/129", "1.2.3.4/x", "/8"] {
        assert!(resolve(&["--trusted-proxies", wrong], None).is_err(), "{wrong}");
    }
}

#[test]
fn targets_beside_the_local_one_have_a_capacity_of_their_own() {
    let of = |table: &str| resolve(&[], Some(&format!("capacity_cpu = 2\n{table}")));
    let serve = of("[targets.small]\nkind = \"local\"\ncapacity_cpu = 0.5\ncapacity_memory_gb = 1").unwrap();
    let capacity = domain::resources::Capacity { cpu_milli: 500, memory_mb: 1_000, gpus: 0 };
    let small = super::TargetSettings { capacity, first_gpu: 0 };
    assert_eq!(serve.targets, [("small".parse().unwrap(), small)].into());
    assert_eq!(serve.capacity.cpu_milli, Some(2_000), "what the machine is said to have is the local target's");
    let room = "capacity_cpu = 1\ncapacity_memory_gb = 1";
    for (table, words) in [
        (format!("[targets.local]\nkind = \"local\"\n{room}"), "always there"),
        (format!("[targets.Big]\nkind = \"local\"\n{room}"), "lower-case"),
        (format!("[targets.big]\nkind = \"cloud\"\n{room}"), "cloud"),
        (format!("[targets.big]\n{room}"), "kind"),
        ("[targets.big]\nkind = \"local\"\ncapacity_cpu = 1".to_owned(), "capacity_memory_gb"),
        (format!("[targets.big]\nkind = \"local\"\n{room}\ncores = 2"), "cores"),
    ] {
        let error = of(&table).unwrap_err();
        assert!(error.contains(words), "{table}: {error}");
    }
}
