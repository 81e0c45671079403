//! The interface: everything that people see, compiled to WebAssembly.

// What Leptos' macros generate for a component is written `pub`, however visible the component is.
#![allow(unreachable_pub)]

mod api;
mod components;
mod pages;
mod state;
mod words;

fn main() {
    std::panic::set_hook(Box::new(pages::broken_off));
    // Before the address changes.
    let _ = api::root();
    leptos::mount::mount_to_body(pages::App);
}
