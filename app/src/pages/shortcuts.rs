//! The list of keys, which `?` opens.

use leptos::prelude::*;

use super::dialogs::Dialogs;
use crate::components::Modal;

/// Keys, and what they do.
const KEYS: [(&[&str], &str); 12] = [
    (&["?"], "Show this list"),
    (&["Ctrl", "K"], "Find a page, a deployment, a model or an action"),
    (&["/"], "Search on this page"),
    (&["↓", "↑"], "Go from row to row, from the search too"),
    (&["Page ↓", "Page ↑"], "Go a page of rows further or back"),
    (&["Home", "End"], "Go to the first or the last row"),
    (&["Enter"], "Open the row"),
    (&["X"], "Choose the row, to do something with several"),
    (&["Shift", "click"], "Choose all rows from the one before"),
    (&["U"], "Update the deployment of the row"),
    (&["T"], "Try the deployment of the row"),
    (&["L"], "Open its logs"),
];

/// The dialog.
#[component]
pub(crate) fn ShortcutsDialog() -> impl IntoView {
    let dialogs = Dialogs::here();
    view! {
        <Modal title="Keyboard shortcuts".to_owned() name="shortcuts" on_close=move || dialogs.closed()>
            <div class="content">
                <table class="facts">
                    <tbody>
                        {KEYS.map(|(keys, what)| view! {
                            <tr>
                                <th scope="row">{keys.iter().map(|key| view! { <kbd>{*key}</kbd>" " }).collect_view()}</th>
                                <td>{what}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </Modal>
    }
}
