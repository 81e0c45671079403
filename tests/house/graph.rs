//! The graph of a package's files: which file takes which names from which other.
//!
//! It is read from the tokens: names are followed through imports, re-exports and parents to the file that defines them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::iter::Peekable;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::sources::root;

/// File → file → the names that the first takes from the second.
pub(crate) type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A path as it is written: `crate`, `a`, `B`.
type Names = Vec<String>;

#[derive(Default)]
struct Module {
    file: String,
    parent: usize,
    children: BTreeMap<String, usize>,
    defined: BTreeSet<String>,
    /// Words in calls of macros: what no other item is called may be made there.
    made: BTreeSet<String>,
    /// Names brought in by `use`, and the path that each stands for.
    imported: BTreeMap<String, Names>,
    /// `use path::*`.
    all_of: Vec<Names>,
    /// Paths that mean a use of what they name: private imports, and what stands in the code.
    named: BTreeSet<Names>,
    /// `pub use`: an arrow unless it only re-exports what is below the module itself.
    re_exported: Vec<Names>,
}

/// The graph of the package whose root (`lib.rs` or `main.rs`) this is, a path from the repository's root. Unit tests are left out.
pub(crate) fn of(crate_root: &str) -> Graph {
    let mut modules = Modules(Vec::new());
    let text = fs::read_to_string(root().join(crate_root)).expect("a root");
    let below = Path::new(crate_root).parent().expect("a folder").to_string_lossy().into_owned();
    modules.read(crate_root, &below, 0, tokens(crate_root, &text));
    modules.graph()
}

fn tokens(path: &str, text: &str) -> TokenStream {
    text.parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

struct Modules(Vec<Module>);

impl Modules {
    /// Reads a module, and the files of its children, which lie below `folder`.
    fn read(&mut self, file: &str, folder: &str, parent: usize, code: TokenStream) -> usize {
        let this = self.0.len();
        self.0.push(Module { file: file.to_owned(), parent, ..Module::default() });
        let mut rest = code.into_iter().peekable();
        while let Some(item) = Item::next(&mut rest) {
            if item.only_for_tests {
                continue;
            }
            match item.keyword.as_str() {
                "use" => self.0[this].import(&item),
                "mod" => {
                    let below = format!("{folder}/{}", item.name);
                    let child = if let Some(TokenTree::Group(body)) = item.body.last() {
                        self.read(file, &below, this, body.stream())
                    } else {
                        let files = [format!("{below}.rs"), format!("{below}/mod.rs")];
                        let file = files.iter().find(|file| root().join(file).exists()).expect("the module's file");
                        let text = fs::read_to_string(root().join(file)).expect("a module");
                        self.read(file, &below, this, tokens(file, &text))
                    };
                    self.0[this].children.insert(item.name, child);
                }
                _ => self.0[this].define(item),
            }
        }
        this
    }

    /// The module and the name that a path ends at, if it is one of this package.
    fn find(&self, from: usize, path: &[String], depth: usize) -> Option<(usize, String)> {
        let mut here = from;
        for (at, name) in path.iter().enumerate() {
            let module = &self.0[here];
            match name.as_str() {
                "crate" => here = 0,
                "self" => {}
                "super" => here = module.parent,
                _ if module.children.contains_key(name) => here = module.children[name],
                _ if module.defined.contains(name) => return Some((here, name.clone())),
                _ if depth > 8 => return None,
                _ => {
                    if let Some(import) = module.imported.get(name) {
                        let path: Names = import.iter().chain(&path[at + 1..]).cloned().collect();
                        return self.find(here, &path, depth + 1);
                    }
                    let mut found = module.all_of.iter().filter_map(|all| {
                        let path: Names = all.iter().chain(&path[at..]).cloned().collect();
                        self.find(here, &path, depth + 1).filter(|(at, name)| self.0[*at].holds(name))
                    });
                    // What no item of the module is called is made by a macro in it, unless it is the name of another package.
                    return found.next().or((at > 0).then(|| (here, name.clone())));
                }
            }
        }
        None
    }

    fn is_below(&self, mut module: usize, above: usize) -> bool {
        while module != above && module != 0 {
            module = self.0[module].parent;
        }
        module == above
    }

    fn graph(&self) -> Graph {
        let mut graph = Graph::new();
        for (number, module) in self.0.iter().enumerate() {
            let named = module.named.iter().filter_map(|path| self.find(number, path, 0));
            let exported = module.re_exported.iter().filter_map(|path| self.find(number, path, 0));
            let foreign = exported.filter(|(at, _)| !self.is_below(*at, number));
            let arrows = graph.entry(module.file.clone()).or_default();
            for (at, name) in named.chain(foreign).filter(|(at, _)| self.0[*at].file != module.file) {
                arrows.entry(self.0[at].file.clone()).or_default().insert(name);
            }
        }
        graph
    }
}

impl Module {
    fn define(&mut self, item: Item) {
        let macro_call = item.keyword.is_empty();
        if !macro_call && item.keyword != "impl" {
            self.defined.insert(item.name);
        }
        paths(item.body.into_iter().collect(), &mut |path| {
            for path in path.split(|name| name == "as") {
                if macro_call && path.len() == 1 {
                    self.made.insert(path[0].clone());
                }
                self.named.insert(path.to_vec());
            }
        });
    }

    fn holds(&self, name: &str) -> bool {
        self.defined.contains(name) || self.made.contains(name)
    }

    fn import(&mut self, item: &Item) {
        paths(item.body.iter().cloned().collect(), &mut |mut path| {
            let stands_for =
                path.iter().position(|name| name == "as").map(|at| path.split_off(at)).and_then(|mut end| end.pop());
            if path.last().is_some_and(|name| name == "self") && path.len() > 1 {
                path.pop();
            }
            let name = stands_for.or(path.last().cloned()).unwrap_or_default();
            if name == "*" {
                path.pop();
                self.all_of.push(path);
                return;
            }
            if item.public {
                self.re_exported.push(path.clone());
            } else {
                self.named.insert(path.clone());
            }
            self.imported.insert(name, path);
        });
    }
}

struct Item {
    keyword: String,
    name: String,
    public: bool,
    only_for_tests: bool,
    /// Everything but the keyword; of an import, what follows it.
    body: Vec<TokenTree>,
}

const KEYWORDS: &[&str] =
    &["use", "mod", "struct", "enum", "union", "trait", "type", "fn", "const", "static", "impl", "macro_rules"];

impl Item {
    /// The next item of a module: up to its semicolon or its braces.
    fn next(rest: &mut Peekable<impl Iterator<Item = TokenTree>>) -> Option<Self> {
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
fn paths(code: TokenStream, found: &mut dyn FnMut(Names)) {
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
