//! The schedule's choice of requests, without a store.

use super::*;

#[test]
fn what_comes_together_is_judged_together() {
    let id = |text: &str| text.parse::<DeploymentId>().unwrap();
    let of = |names: &[&str]| Concerned::Of(names.iter().map(|name| id(name)).collect());
    assert_eq!(of(&["b"]).and(of(&["a", "b"])), of(&["a", "b"]));
    assert_eq!(Concerned::Nobody.and(of(&["a"])), of(&["a"]));
    assert_eq!(of(&["a"]).and(Concerned::Nobody), of(&["a"]));
    assert_eq!(of(&["a"]).and(Concerned::All), Concerned::All);
}
