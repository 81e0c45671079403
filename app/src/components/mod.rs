//! Building blocks: values in, callbacks out. They know neither the API nor the state.

mod ago;
mod chart;
mod check_progress;
mod chip;
mod chip_choice;
mod compatibility_report;
mod copy;
mod dialog_footer;
mod difference_table;
mod drop_zone;
mod field;
mod icon;
mod importance_mark;
mod menu;
mod modal;
mod notice;
mod receipt_table;
mod rehearsal_picture;
mod search_box;
mod signature_comparison;
mod signature_table;
mod sparkline;
mod split_bar;
mod squares;
mod state_label;
mod step_list;
mod tabs;
mod tag;
mod ticks;
mod votes;
mod window_list;

pub(crate) use ago::Ago;
pub(crate) use chart::{
    Chart, Drawing, Gathered, RevisionLabels, RolloutBand, bucket_length, errors, latency, length_word, ready_replicas,
    requests, waiting_requests,
};
pub(crate) use check_progress::CheckProgress;
pub(crate) use chip::Chip;
pub(crate) use chip_choice::ChipChoice;
pub(crate) use compatibility_report::{CompatibilityReport, VerdictBadge};
pub(crate) use copy::CopyButton;
pub(crate) use dialog_footer::{DialogFooter, Obstacle};
pub(crate) use difference_table::DifferenceTable;
pub(crate) use drop_zone::DropZone;
pub(crate) use field::{Area, Check, Choice, Field};
pub(crate) use icon::{Glyph, Icon};
pub(crate) use importance_mark::ImportanceMark;
pub(crate) use menu::{Menu, MenuItem};
pub(crate) use modal::{CloseModal, Modal, use_close};
pub(crate) use notice::{Banner, Empty, FailureBox, Skeleton};
pub(crate) use receipt_table::ReceiptTable;
pub(crate) use rehearsal_picture::RehearsalPicture;
pub(crate) use search_box::SearchBox;
pub(crate) use signature_comparison::SignatureComparison;
pub(crate) use signature_table::SignatureTable;
pub(crate) use sparkline::Sparkline;
pub(crate) use split_bar::SplitBar;
pub(crate) use squares::{Appearance, Square, Squares};
pub(crate) use state_label::StateLabel;
pub(crate) use step_list::StepList;
pub(crate) use tabs::{Tabs, roll_to_chosen};
pub(crate) use tag::{DeclaredTag, Tag};
pub(crate) use ticks::Ticks;
pub(crate) use votes::Votes;
pub(crate) use window_list::WindowList;
