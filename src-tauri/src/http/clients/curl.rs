//! The script for a POSIX shell with curl.

use domain::visible;

use super::client::Client;

/// Largest example in bytes; a larger one would make no readable script.
const LARGEST: usize = 256 << 10;

/// The function that sends: the request on standard input, the answer on standard output, exit status 22 for a refusal.
/// The key is given as configuration, because arguments can be read by everybody on the machine.
const ASK: &str = r#"ask() {
    set -- "$1" --globoff --silent --show-error --fail-with-body --header 'Content-Type: application/json' --data-binary "@$1"
    shift
    if [ -n "${CHANGEOVER_KEY:-}" ]; then
        printf 'header = "Authorization: Bearer %s"\n' "$CHANGEOVER_KEY" | curl --config - "$@" "$url$path"
    else
        curl "$@" "$url$path"
    fi
    echo
}
"#;

pub(super) fn script(client: &Client) -> String {
    let (purpose, name, path) = (client.purpose(), &client.name, quoted(&client.path));
    let url = match &client.url {
        Some(url) => format!("url={}\nurl=\"${{CHANGEOVER_URL:-$url}}\"", quoted(url)),
        None => "url=\"${CHANGEOVER_URL:?is to be the inference URL of a deployment}\"".to_owned(),
    };
    let request = match client.example.as_ref().and_then(written) {
        Some(text) => format!(
            "if [ $# -gt 0 ]; then\n    ask \"$1\"\n    exit\nfi\n\n\
             request=$(mktemp)\n\
             trap 'rm -f \"$request\"' EXIT\n\
             # An example: put your own values in their place.\n\
             cat > \"$request\" <<'REQUEST'\n{text}\nREQUEST\n\
             ask \"$request\"\n"
        ),
        None => "# The package does not say what a request holds, or it holds too much for a script.\n\
                 ask \"${1:?is to be a file with the request as JSON}\"\n"
            .to_owned(),
    };
    format!(
        "#!/bin/sh\n\
         # {purpose}\n\
         #\n\
         #     sh {name}-client.sh [REQUEST.json]\n\
         #\n\
         # CHANGEOVER_URL names another inference URL, CHANGEOVER_KEY holds the key or token where one is asked for.\n\
         set -eu\n\
         {url}\n\
         path={path}\n\n\
         {ASK}\n\
         {request}"
    )
}

/// The example as JSON, written no further than a script may hold.
fn written(example: &serde_json::Value) -> Option<String> {
    struct Bounded(Vec<u8>);
    impl std::io::Write for Bounded {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.len() + bytes.len() > LARGEST {
                return Err(std::io::ErrorKind::FileTooLarge.into());
            }
            self.0.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut text = Bounded(Vec::new());
    serde_json::to_writer_pretty(&mut text, example).ok()?;
    let text = String::from_utf8(text.0).ok()?;
    let number = |c: char| c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")).collect::<String>();
    // They stand only in JSON's own texts, where their numbers mean the same.
    Some(text.chars().map(|c| if visible::formats(c) { number(c) } else { c.to_string() }).collect())
}

/// `text` as one word of the shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
