//! The headings of the demo.

pub(super) fn chapter(number: u8, title: &str) {
    println!("\n{number}. {title}");
}
