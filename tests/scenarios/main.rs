//! Stories that a person can read: a script of what people and machines do, and the text of what the
//! engine then does. `INSTA_UPDATE=always cargo test -p tests --test scenarios` writes the text anew.

mod asides;
mod costs;
mod expiry;
mod idle;
mod receipts;

use std::path::Path;

use tests::script;

macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        $(#[tokio::test(start_paused = true)]
        async fn $name() {
            play(stringify!($name)).await;
        })*

        #[test]
        fn every_script_is_played() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scripts");
            let mut scripts: Vec<_> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
                .collect();
            scripts.sort();
            let mut played = vec![$(stringify!($name).to_owned()),*];
            played.sort();
            assert_eq!(scripts, played);
        }
    };
}

scenarios!(
    update_five_with_surge,
    update_without_surge,
    broken_revision_goes_back,
    first_deployment_never_ready,
    crash_loop_is_no_progress,
    pause_and_resume,
    cancel_goes_back,
    supersede_in_progress,
    rollback_skips_failed_revisions,
    broken_old_version_does_not_block_its_fix,
    min_ready_seconds,
    scale_restarts_nothing,
    draining_waits_for_requests,
    revert_that_fails,
    crashed_replica_is_restarted,
    delete_drains_and_stops,
    refusals_change_nothing,
    activation_that_fails,
    autoscaling_during_a_rollout,
    autoscaling_follows_the_requests,
    deactivate_and_activate,
    failure_leaves_everything_as_it_is,
    failure_stops_and_survivors_serve,
    fast_rollback_never_lands_on_a_failed_revision,
    flapping_replica_is_no_progress,
    known_bad_is_not_gone_back_to,
    no_room_for_the_surge,
    nothing_good_is_left,
    policy_of_one_rollout,
    relaunch_replaces_every_replica,
    room_is_waited_for,
    supersede_while_reverting,
    user_config_in_place,
    user_config_that_is_not_taken,
    user_config_that_is_refused,
    cannot_run_ends_at_once,
    start_failures_end_a_crash_loop,
    old_requests_do_not_use_up_the_deadline,
    old_requests_do_not_use_up_the_deadline_of_going_back,
    old_requests_and_a_restart,
    a_machine_that_sleeps,
    a_process_that_ignores_its_end,
    scaling_down_waits_for_requests,
    going_back_that_fails_while_it_answers,
    no_room_is_nobodys_fault,
    one_that_answers_again_is_not_dead,
    deactivated_while_going_back,
    a_target_that_schedules_by_itself,
    a_target_out_of_sight,
    orders_that_are_repeated,
    a_stop_that_fails,
    overtaken_in_the_midst_of_a_pass,
);

async fn play(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scripts").join(format!("{name}.txt"));
    let script = std::fs::read_to_string(path).expect("the script can be read");
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter("[0-9a-z]{26}", "ID");
    let text = script::perform(&script).await.expect("the script can be played");
    settings.bind(|| insta::assert_snapshot!(name, text));
}
