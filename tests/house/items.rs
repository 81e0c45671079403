//! Takes the tokens of a source apart: its items, and the paths in them.

use std::iter::Peekable;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path as it is written: `crate`, `a`, `B`.
pub(crate) type Names = Vec<String>;

pub(crate) fn tokens(path: &str, text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// An item of a module, unit tests and what is only for them included.
pub(crate) struct Item {
    pub(crate) keyword: String,
    pub(crate) name: String,
    pub(crate) public: bool,
    pub(crate) only_for_tests: bool,
    /// Everything but the keyword; of an import, what follows it.
    pub(crate) body: Vec<TokenTree>,
}

const KEYWORDS: &[&str] =
    &["use", "mod", "struct", "enum", "union", "trait", "type", "fn", "const", "static", "impl", "macro_rules"];

impl Item {
    /// The next item of a module: up to its semicolon or its braces.
    pub(crate) fn next(rest: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Option<Self> {
        rest.peek()?;
        let (keyword, name) = (String::new(), String::new());
        let mut item = Item { keyword, name, public: false, only_for_tests: false, body: Vec::new() };
        for token in rest.by_ref() {
            let whole = match &token {
                TokenTree::Ident(word) => {
                    if item.begins_with(&word.to_string()) {
                        continue;
                    }
                    false
                }
                TokenTree::Group(group) => {
                    item.only_for_tests |=
                        item.keyword.is_empty() && group.to_string().replace(' ', "") == "[cfg(test)]";
                    let ends = !["use", "const", "static"].contains(&item.keyword.as_str());
                    ends && group.delimiter() == Delimiter::Brace
                }
                TokenTree::Punct(mark) => mark.as_char() == ';',
                TokenTree::Literal(_) => false,
            };
            item.body.push(token);
            if whole {
                break;
            }
        }
        Some(item)
    }

    /// Takes the words before the name, and the name. Returns whether this one is the keyword.
    fn begins_with(&mut self, word: &str) -> bool {
        let first = self.keyword.is_empty();
        if KEYWORDS.contains(&word) && (first || (self.keyword == "const" && word == "fn")) {
            self.keyword = word.to_owned();
            if word == "use" {
                self.body.clear();
            }
            return true;
        }
        self.public |= first && word == "pub";
        if !first && self.name.is_empty() {
            self.name = word.to_owned();
        }
        false
    }
}

/// Every path in the tokens, with the lists in braces taken apart; `a as b` is one.
pub(crate) fn paths(code: TokenStream, found: &mut dyn FnMut(Names)) {
    let mut path = Names::new();
    // Marks just before the token.
    let (mut colons, mut dots) = (0, 0);
    for token in code {
        let (before, dotted) = (std::mem::take(&mut colons), std::mem::take(&mut dots) == 1);
        match token {
            TokenTree::Ident(name) => {
                let name = name.to_string();
                let goes_on = before == 2 || name == "as" || path.last().is_some_and(|last| last == "as");
                if !goes_on && !path.is_empty() {
                    found(std::mem::take(&mut path));
                }
                // The name of a field or a method is none that was imported.
                if !dotted && (name != "as" || !path.is_empty()) {
                    path.push(name);
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == ':' => colons = before + 1,
            TokenTree::Punct(mark) if mark.as_char() == '*' && before == 2 => path.push("*".to_owned()),
            TokenTree::Group(group) if before == 2 && group.delimiter() == Delimiter::Brace => {
                let start = std::mem::take(&mut path);
                paths(group.stream(), &mut |end| found(start.iter().cloned().chain(end).collect()));
            }
            other => {
                if !path.is_empty() {
                    found(std::mem::take(&mut path));
                }
                match other {
                    TokenTree::Group(group) => paths(group.stream(), found),
                    TokenTree::Punct(mark) if mark.as_char() == '.' => dots = if dotted { 2 } else { 1 },
                    _ => {}
                }
            }
        }
    }
    if !path.is_empty() {
        found(path);
    }
}

#[test]
fn paths_are_read_in_lists_under_other_names_and_beside_fields() {
    let code = "use a::{b as c, d::*, self}; x.method(E::F, self::g::<H>()); let i: j::K = l as super::M;";
    let mut found = Vec::new();
    paths(code.parse().expect("tokens"), &mut |path| found.push(path.join(" ")));
    let expected = ["a b as c", "a d *", "a self", "E F", "self g", "H", "j K", "l as super M"];
    for path in expected {
        assert!(found.iter().any(|one| one == path), "{path} is not among {found:?}");
    }
    assert!(!found.iter().any(|path| path.contains("method")), "{found:?}");
}

#[test]
fn items_are_named_and_unit_tests_are_left_out() {
    let code =
        "pub(crate) async fn a() { b() } const C: D = D { e: 1 }; #[cfg(test)] mod tests { use f::G; } impl H for I {}";
    let mut rest = tokens("", code).into_iter().peekable();
    let items = std::iter::from_fn(|| Item::next(&mut rest));
    let found: Vec<_> = items.map(|item| (item.keyword, item.name, item.only_for_tests)).collect();
    let expected = [("fn", "a", false), ("const", "C", false), ("mod", "tests", true), ("impl", "H", false)];
    assert_eq!(found, expected.map(|(keyword, name, tests)| (keyword.to_owned(), name.to_owned(), tests)));
}
