//! Follows which values the nodes of a graph take and make: one that nothing makes is found without a runtime.
//!
//! Names are kept as hashes; only what is taken before it is made keeps its name. A file that names more than is followed
//! is not refused: whether its graph holds together is then seen when the runtime loads it.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

/// Most values that are followed, and most bytes of names that are taken before they are made.
const MOST: usize = 1 << 20;
const MOST_BYTES: usize = 16 << 20;

/// The values of a graph and of those that it stands in.
#[derive(Debug, Default)]
pub(super) struct Values {
    scopes: Vec<Scope>,
    hashes: RandomState,
    followed: usize,
    bytes: usize,
    /// The contradiction in the model's own graph, if there is one.
    fault: Option<String>,
}

/// One graph.
#[derive(Debug, Default)]
struct Scope {
    /// Inputs and constants.
    given: HashSet<u64>,
    made: HashSet<u64>,
    wanted: HashMap<u64, Wanted>,
}

#[derive(Debug)]
struct Wanted {
    name: String,
    /// As an output of the graph, not by a node.
    as_output: bool,
}

impl Values {
    /// A graph begins, perhaps inside a node of another.
    pub(super) fn open(&mut self) {
        self.scopes.push(Scope::default());
    }

    /// The graph ends. A graph inside a node finds its missing values in those around it; `main` stands in none.
    pub(super) fn close(&mut self, main: bool) {
        let Some(mut scope) = self.scopes.pop() else { return };
        scope.wanted.retain(|hash, _| !scope.given.contains(hash) && !scope.made.contains(hash));
        self.followed -= scope.given.len() + scope.made.len();
        if let (true, Some(lacking)) = (main, scope.wanted.values().min_by_key(|wanted| &wanted.name)) {
            let name = shown(&lacking.name);
            let fault = if lacking.as_output {
                format!("nothing makes its output \"{name}\"")
            } else {
                format!("a node takes the value \"{name}\", and nothing makes it")
            };
            self.fault.get_or_insert(fault);
        }
        match self.scopes.last_mut() {
            Some(around) => scope.wanted.into_iter().for_each(|(hash, wanted)| {
                around.wanted.entry(hash).or_insert(wanted);
            }),
            None => self.bytes = 0,
        }
    }

    /// Notes an input or a constant.
    pub(super) fn gives(&mut self, name: &str) {
        let hash = self.hashes.hash_one(name);
        if let Some(scope) = self.scope() {
            let new = scope.given.insert(hash);
            self.followed += usize::from(new);
        }
    }

    /// Notes a value that a node makes.
    pub(super) fn makes(&mut self, name: &str) {
        let hash = self.hashes.hash_one(name);
        let main = self.scopes.len() == 1;
        if let Some(scope) = self.scope().filter(|_| !name.is_empty()) {
            let new = scope.made.insert(hash);
            self.followed += usize::from(new);
            if main && !new {
                self.fault.get_or_insert_with(|| format!("two nodes make the value \"{}\"", shown(name)));
            }
        }
    }

    /// Notes a value that a node takes, or that the graph answers with.
    pub(super) fn takes(&mut self, name: &str, as_output: bool) {
        let hash = self.hashes.hash_one(name);
        if let Some(scope) = self.scope().filter(|_| !name.is_empty())
            && !scope.given.contains(&hash)
            && !scope.made.contains(&hash)
            && !scope.wanted.contains_key(&hash)
        {
            scope.wanted.insert(hash, Wanted { name: name.to_owned(), as_output });
            self.bytes += name.len() + size_of::<Wanted>();
        }
    }

    /// The contradiction that was found; none also when there was too much to follow.
    pub(super) fn fault(self) -> Option<String> {
        self.fault
    }

    fn scope(&mut self) -> Option<&mut Scope> {
        if self.followed > MOST || self.bytes > MOST_BYTES {
            // Nothing is known of what was not followed.
            self.scopes.iter_mut().for_each(|scope| *scope = Scope::default());
            (self.followed, self.bytes) = (usize::MAX, 0);
            return None;
        }
        self.scopes.last_mut()
    }
}

fn shown(name: &str) -> String {
    name.chars().take(100).flat_map(char::escape_debug).collect()
}
