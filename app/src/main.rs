//! The interface: everything that people see, compiled to WebAssembly.

mod api;
mod components;
mod pages;
mod state;
mod words;

fn main() {
    console_error_panic_hook::set_once();
    leptos::mount::mount_to_body(pages::App);
}
