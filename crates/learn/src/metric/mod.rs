//! Scores of predictions. What is undefined is `None`, never NaN or a silent zero.

mod accuracy;
mod confusion;
mod roc;

pub use accuracy::accuracy;
pub use confusion::Confusion;
pub use roc::{auc, macro_auc};
