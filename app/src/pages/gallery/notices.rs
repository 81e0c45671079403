//! Banners, failures, empty views and what stands there while something is read.

use leptos::prelude::*;

use super::shelf::Shelf;
use crate::components::{Banner, Empty, FailureBox, Skeleton};
use crate::words::Tone;

#[component]
pub(super) fn Notices() -> impl IntoView {
    view! {
        <Shelf title="Notices">
            <Banner tone=Tone::Bad title="Update to iris v3 failed. Back on v2." name="gallery-bad">
                <p>"No replica of iris v3 became ready in 8 s. The model cannot be loaded: operator com.microsoft:NoSuchOp is unknown."</p>
            </Banner>
            <Banner tone=Tone::Warning title="1 of 3 replicas will be missing meanwhile" name="gallery-warning">
                <p>"For about 2.6 s."</p>
            </Banner>
            <Banner tone=Tone::Moving title="Quarter end holds 3 deployments until Mon 06:00" name="gallery-moving">
                <p>"1 change waits for its end and starts by itself then."</p>
            </Banner>
            <Banner tone=Tone::Good title="History is intact." name="gallery-good"><p>"1,204 entries, none of them changed."</p></Banner>
            <FailureBox title="The server does not answer" detail="The Changeover server cannot be reached. Check that it is running, then try again." code="unreachable" retry=Callback::new(|()| {})/>
            <FailureBox title="The name is taken" detail="There is a deployment \"iris\" already. Choose another name, or update that one." code="name_taken"/>
            <div class="toast">
                <div class="toast-text"><a class="name" href="#iris">"iris runs v2"</a><span class="sub">"3.2 s, 0 of 129 requests failed."</span></div>
            </div>
            <Skeleton lines=4/>
            <Empty title="No deployment yet">
                <p>"A deployment is a fixed URL; the model behind it can change. Deploy a model to begin."</p>
                <button type="button" class="button primary">"Deploy a model"</button>
            </Empty>
        </Shelf>
    }
}
