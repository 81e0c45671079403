//! The interface: everything that people see, compiled to WebAssembly.

// What Leptos' macros generate for a component is written `pub`, however visible the component is.
#![allow(unreachable_pub)]

mod api;
mod components;
mod pages;
mod state;
mod words;

fn main() {
    console_error_panic_hook::set_once();
    // Before the address changes.
    let _ = api::root();
    leptos::mount::mount_to_body(pages::App);
}
