//! Claims about the most important features: Figure 9.

use super::{Finding, Statement, papers_task};
use crate::experiment::paper::PaperResult;
use crate::figure::confusion::shown;
use crate::figure::importance::{feature_label, sorted};
use crate::figure::paper_numbers::TOP_FEATURES;

pub(super) const STATEMENTS: &[Statement] = &[
    Statement {
        id: "top_features_off_on",
        section: "§5, Figure 9a",
        says: "For mic_off and mic_on (AdaBoost, Δt = 500 s) the average packet length and the number of UDP datagrams \
               have the greatest impact.",
        rule: "holds if both are among our first two by Gini gain, partly if one is",
        calibrated: false,
        decide: |r| top(r, 0),
    },
    Statement {
        id: "top_features_on_noise",
        section: "§5, Figure 9b",
        says: "For mic_on and mic_on_noise (decision tree, N = 15) the best features are the TCP window's average and \
               standard deviation, the average TTL and the packet length's standard deviation.",
        rule: "holds if all four are among our first four by Gini gain, partly if some are",
        calibrated: false,
        decide: |r| top(r, 1),
    },
];

fn top(result: &PaperResult, slot: usize) -> Option<Finding> {
    let task = papers_task(result, slot)?;
    let shown = shown(result).into_iter().find(|s| s.task.name == task)?;
    let bars = sorted(result, &shown);
    if bars.is_empty() || bars.iter().any(|b| b.gini.is_none()) {
        return None;
    }
    let named = TOP_FEATURES[slot];
    let ours: Vec<&str> = bars.iter().take(named.len()).map(|b| b.feature.as_str()).collect();
    let yes = named.iter().filter(|f| ours.contains(f)).count();
    let list: Vec<&str> = ours.iter().map(|f| feature_label(f)).collect();
    let shows = format!("{yes} of the paper's {} are among our first: {}.", named.len(), list.join("; "));
    Finding::counted(yes, named.len(), shows)
}
