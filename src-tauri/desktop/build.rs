//! Prepares the desktop window.

fn main() {
    tauri_build::build();
}
