//! A name that passes from one deployment to another.

use super::kit::*;

#[tokio::test]
async fn withdrawing_a_deployment_leaves_its_name_to_the_one_that_has_it_now() {
    let gateway = gateway();
    let (old, new) = (Replica::quick("old", 1), Replica::quick("new", 1));
    gateway.publish(&iris(), route(&[&old]));
    let later = "d-later".parse().unwrap();
    gateway.publish(&later, route(&[&new]));
    gateway.forget(&iris());
    let answer = client().get(url(&gateway, "iris")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["x-changeover-replica"].to_str().unwrap()), (200, "new"));
    gateway.forget(&later);
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_name_that_the_table_has_lost_is_found_again_after_the_next_publication() {
    let gateway = gateway();
    let replica = Replica::quick("a", 1);
    gateway.publish(&iris(), route(&[&replica]));
    gateway.change_table(|table| table.clear());
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 404);
    gateway.publish(&iris(), route(&[&replica]));
    assert_eq!(client().get(url(&gateway, "iris")).send().await.unwrap().status(), 200);
}
