//! Tables of what is aligned with what.

use super::*;

fn words(names: &[&str]) -> Option<Vec<Item>> {
    Some(names.iter().map(|name| word(&(*name).to_owned())).collect())
}

fn said(rows: &[AlignedRow]) -> Vec<(&str, Mark)> {
    rows.iter().map(|row| (row.name.as_str(), row.mark)).collect()
}

#[test]
fn same_names_stand_in_one_row_and_what_is_new_behind_what_it_follows() {
    let rows = list(words(&["a", "b", "c"]), words(&["new", "a", "x", "c"]), Order::Names, (false, false));
    let wanted =
        [("new", Mark::Added), ("a", Mark::Equal), ("x", Mark::Added), ("b", Mark::Removed), ("c", Mark::Equal)];
    assert_eq!(said(&rows), wanted);
    assert!(rows[0].current.is_none() && rows[3].candidate.is_none());
}

#[test]
fn places_are_told_where_they_carry_meaning_or_differ() {
    let swapped = |order| list(words(&["a", "b", "c"]), words(&["b", "a", "c"]), order, (false, false));
    for order in [Order::Names, Order::Places] {
        assert_eq!(said(&swapped(order)), [("a", Mark::Moved), ("b", Mark::Moved), ("c", Mark::Equal)]);
    }
    let place = |row: &AlignedRow| row.candidate.as_ref().and_then(|cell| cell.place);
    assert_eq!(swapped(Order::Names).iter().map(place).collect::<Vec<_>>(), [Some(1), Some(0), None]);
    assert_eq!(swapped(Order::Places).iter().map(place).collect::<Vec<_>>(), [Some(1), Some(0), Some(2)]);
    // A new class in front gives every index another meaning; a new named input moves nothing.
    let front = |order| list(words(&["a"]), words(&["new", "a"]), order, (false, false));
    assert_eq!(said(&front(Order::Places))[1], ("a", Mark::Moved));
    assert_eq!(said(&front(Order::Names))[1], ("a", Mark::Equal));
}

#[test]
fn what_a_side_does_not_say_is_neither_added_nor_removed() {
    assert_eq!(said(&list(words(&["a"]), None, Order::Names, (false, false))), [("a", Mark::Unknown)]);
    assert_eq!(said(&list(None, words(&["a"]), Order::Names, (false, false))), [("a", Mark::Unknown)]);
    assert_eq!(fact("name", None, Some("x".to_owned()), Some(Mark::Unknown)).unwrap().mark, Mark::Unknown);
}

#[test]
fn names_that_occur_twice_are_matched_in_turn() {
    let rows = list(words(&["", ""]), words(&["", "", ""]), Order::Places, (false, false));
    assert_eq!(rows.iter().map(|row| row.mark).collect::<Vec<_>>(), [Mark::Equal, Mark::Equal, Mark::Added]);
}

#[test]
fn names_of_dimensions_carry_no_meaning_and_sizes_do() {
    let of = |shape: Vec<Dimension>| {
        let kind = ValueKind::Tensor;
        field(&Field {
            name: "x".to_owned(),
            kind,
            datatype: "FLOAT".to_owned(),
            shape: Some(shape),
            required: true,
            meaning: None,
        })
    };
    let named = of(vec![Dimension::Symbolic("N".to_owned()), Dimension::Fixed(4)]);
    assert_eq!(named.text, "float [N, 4]");
    let open = || of(vec![Dimension::Unknown, Dimension::Fixed(4)]);
    let other = of(vec![Dimension::Unknown, Dimension::Fixed(5)]);
    let mark = |old, new| list(Some(vec![old]), Some(vec![new]), Order::Names, (false, false))[0].mark;
    assert_eq!(mark(named, open()), Mark::Equal);
    assert_eq!(mark(open(), other), Mark::Changed);
}

#[test]
fn every_thing_of_both_sides_is_in_exactly_one_row() {
    let names = ["a", "b", "a", "c", "d", "b", "e"];
    for cut in 0..names.len() {
        let mut turned = names;
        turned.rotate_left(cut);
        let rows = list(words(&names), words(&turned[cut..]), Order::Places, (true, true));
        assert_eq!(rows.iter().filter(|row| row.current.is_some()).count(), names.len());
        assert_eq!(rows.iter().filter(|row| row.candidate.is_some()).count(), names.len() - cut);
    }
}
