//! The script for Python 3, with nothing but its standard library.

use domain::visible;
use serde_json::Value;

use super::client::Client;

/// Arrays of more equal elements than this are written as a product.
const MOST_WRITTEN: usize = 16;
/// Widest line that an array or object is written in.
const WIDTH: usize = 100;

pub(super) fn script(client: &Client) -> String {
    let (purpose, name) = (client.purpose(), &client.name);
    let url = client.url.as_ref().map_or_else(|| "None".to_owned(), |url| text(url));
    let path = text(&client.path);
    let remark = match client.example {
        Some(_) => "An example: put your own values in their place.",
        None => {
            "No example: the package does not say what a request holds, or it would be too large. Write one here, or give a file."
        }
    };
    let request = client.example.as_ref().map_or_else(|| "None".to_owned(), |example| literal(example, 0));
    format!(
        r#"#!/usr/bin/env python3
"""{purpose}

    python3 {name}-client.py [--url URL] [--key KEY] [REQUEST.json]

URL and key can also stand in CHANGEOVER_URL and CHANGEOVER_KEY. Needs nothing but Python 3.
"""

import argparse
import http.client
import json
import os
import sys
import urllib.error
import urllib.request

URL = {url}
PATH = {path}

# {remark}
REQUEST = {request}


def predict(url, request, key=None):
    """The answer to one request."""
    headers = {{"Content-Type": "application/json"}}
    if key:
        headers["Authorization"] = "Bearer " + key
    body = json.dumps(request).encode()
    with urllib.request.urlopen(urllib.request.Request(url + PATH, body, headers), timeout=60) as answer:
        return json.load(answer)


def main():
    words = argparse.ArgumentParser(description="{purpose}")
    words.add_argument("file", nargs="?", help="a file with the request as JSON, in place of the example")
    words.add_argument("--url", default=os.environ.get("CHANGEOVER_URL") or URL, help="the inference URL")
    words.add_argument("--key", default=os.environ.get("CHANGEOVER_KEY"), help="the key or token, where one is asked for")
    given = words.parse_args()
    if not given.url:
        words.error("give the inference URL of a deployment with --url")
    request = REQUEST
    if given.file:
        try:
            with open(given.file, encoding="utf-8") as file:
                request = json.load(file)
        except (OSError, ValueError) as failed:
            sys.exit(f"{{given.file}} cannot be read: {{failed}}")
    if request is None:
        words.error("the model's package does not say what a request holds: give a file")
    # Without a path the URL is all there is, and is asked as it is.
    url = given.url.rstrip("/") if PATH else given.url
    try:
        answer = predict(url, request, given.key)
    except urllib.error.HTTPError as refused:
        sys.exit(f"{{refused.code}}: {{refused.read().decode(errors='replace')}}")
    except urllib.error.URLError as failed:
        sys.exit(f"{{url}} does not answer: {{failed.reason}}")
    except (OSError, http.client.HTTPException) as failed:
        sys.exit(f"{{url}} did not answer: {{failed}}")
    except ValueError as failed:
        sys.exit(f"{{url}} answered no JSON, or is no URL: {{failed}}")
    json.dump(answer, sys.stdout, indent=2, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
"#
    )
}

/// JSON's text is Python's too. What would make others be seen elsewhere than they stand is written as its number.
fn text(text: &str) -> String {
    let number = |c: char| match u32::from(c) {
        short @ ..=0xffff => format!("\\u{short:04x}"),
        long => format!("\\U{long:08x}"),
    };
    let text = Value::from(text).to_string();
    text.chars().map(|c| if visible::formats(c) { number(c) } else { c.to_string() }).collect()
}

/// `value` as Python writes it, `depth` levels inside.
fn literal(value: &Value, depth: usize) -> String {
    let (open, close, items): (_, _, Vec<String>) = match value {
        Value::Null => return "None".to_owned(),
        Value::Bool(true) => return "True".to_owned(),
        Value::Bool(false) => return "False".to_owned(),
        Value::Number(number) => return number.to_string(),
        Value::String(string) => return text(string),
        Value::Array(items) => {
            if items.len() > MOST_WRITTEN && items.iter().all(|item| *item == items[0]) {
                return format!("[{}] * {}", literal(&items[0], depth), items.len());
            }
            ('[', ']', items.iter().map(|item| literal(item, depth + 1)).collect())
        }
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| format!("{}: {}", text(key), literal(value, depth + 1));
            ('{', '}', fields.iter().map(field).collect())
        }
    };
    let line = items.join(", ");
    let nested = items.iter().any(|item| item.contains('\n'));
    if line.len() + 4 * depth <= WIDTH && !nested {
        return format!("{open}{line}{close}");
    }
    let inside = "    ".repeat(depth + 1);
    let lines: String = items.iter().map(|item| format!("{inside}{item},\n")).collect();
    format!("{open}\n{lines}{}{close}", "    ".repeat(depth))
}
