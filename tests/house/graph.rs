//! The graph of a package's files: which file takes which names from which other.
//!
//! It is read from the tokens: names are followed through imports, re-exports and parents to the file that defines them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use crate::items::{Item, Names, paths, tokens};
use crate::sources::root;

/// File → file → the names that the first takes from the second.
pub(crate) type Graph = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

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
