//! What has to hold, and within which limits.

use super::result::{Cell, ChannelCell, Check, CompareCell, JointCell, LawCell, PaperCell, PlantCell};
use super::{CONFIDENCE, CONFIDENCE_MARGIN, REJECTED_AT};
use crate::experiment::audit::LEVEL;

/// Everything that has to hold.
pub(super) fn checks(
    cells: &[Cell],
    compared: &[CompareCell],
    joint: Option<&JointCell>,
    laws: &[LawCell],
    plants: &[PlantCell],
    paper: Option<&PaperCell>,
    channels: &[ChannelCell],
) -> Vec<Check> {
    let mut checks = Vec::new();
    for cell in cells {
        let what = format!("{} {}, {}", cell.pairs, cell.design, cell.source);
        let effect = cell.effect;
        if effect == 0.0 {
            let highest = REJECTED_AT + 2.0 * cell.rejected.standard_error;
            checks.push(Check::within(format!("false positives, {what}"), cell.rejected.value, 0.0, highest));
            let highest = 0.5 + 2.0 * cell.rejected_at_half.standard_error;
            let half = cell.rejected_at_half.value;
            checks.push(Check::within(format!("p at most a half, {what}"), half, 0.0, highest));
            let highest = LEVEL + 2.0 * (LEVEL * (1.0 - LEVEL) / cell.campaigns.max(1) as f64).sqrt();
            checks.push(Check::within(format!("false LEAK, {what}"), cell.leaks.value, 0.0, highest));
        }
        for at in &cell.horizons {
            let what = format!("coverage, {what}, effect {effect}, {}", at.horizon);
            let margin = CONFIDENCE_MARGIN + 2.0 * at.coverage.standard_error;
            let highest = (CONFIDENCE + margin).min(1.0);
            checks.push(Check::within(what, at.coverage.value, CONFIDENCE - margin, highest));
        }
        // simultaneous intervals may hold more often than they claim
        let lowest = CONFIDENCE - CONFIDENCE_MARGIN - 2.0 * cell.quoted.standard_error;
        let what = format!("what is quoted, {what}, effect {effect}");
        checks.push(Check::within(what, cell.quoted.value, lowest, 1.0));
    }
    for cell in compared {
        for at in &cell.horizons {
            let what = format!("{}, {}", cell.days, at.horizon);
            let margin = CONFIDENCE_MARGIN + 2.0 * at.coverage.standard_error;
            checks.push(Check::within(
                format!("coverage of a rise, {what}"),
                at.coverage.value,
                CONFIDENCE - margin,
                1.0,
            ));
            let highest = (1.0 - CONFIDENCE) / 2.0 + CONFIDENCE_MARGIN / 2.0 + 2.0 * at.alarms.standard_error;
            checks.push(Check::within(format!("false alarms, {what}"), at.alarms.value, 0.0, highest));
        }
    }
    if let Some(joint) = joint {
        let highest = LEVEL + 2.0 * joint.leaks.standard_error;
        let what = "false LEAK, three conditions and four observers".to_owned();
        checks.push(Check::within(what, joint.leaks.value, 0.0, highest));
        let highest = REJECTED_AT + 2.0 * joint.rejected.standard_error;
        let what = "false positives, three conditions and four observers".to_owned();
        checks.push(Check::within(what, joint.rejected.value, 0.0, highest));
    }
    if !laws.is_empty() {
        let mean = |of: fn(&LawCell) -> f64| laws.iter().map(of).sum::<f64>() / laws.len() as f64;
        let what = "LEAK where the best possible attacker is right in 0.9, mean over laws".to_owned();
        checks.push(Check::within(what, mean(|law| law.leaks.value), 0.8, 1.0));
        let what = "NO LEAK where the best possible attacker is right in 0.9, mean over laws".to_owned();
        checks.push(Check::within(what, mean(|law| law.no_leaks.value), 0.0, 0.05));
    }
    for law in laws {
        checks.push(Check::within(format!("LEAK, {}", law.law), law.leaks.value, 0.5, 1.0));
    }
    // the cell without a plant is the first, and the only one without a dose
    for cell in plants.iter().filter(|cell| cell.unit.is_empty()) {
        for (rejected, set) in cell.rejected.iter().zip(["the paper's features", "default attackers"]) {
            let highest =
                REJECTED_AT + 2.0 * (REJECTED_AT * (1.0 - REJECTED_AT) / cell.campaigns.max(1) as f64).sqrt();
            let what = format!("false positives, nothing planted, {set}");
            checks.push(Check::within(what, rejected.value, 0.0, highest));
        }
    }
    if let Some(paper) = paper {
        let lowest = REJECTED_AT + 2.0 * paper.rejected.standard_error;
        checks.push(Check::within(
            "the paper's protocol fails".to_owned(),
            paper.rejected.value,
            lowest,
            1.0,
        ));
    }
    for cell in channels {
        for measure in &cell.measures {
            let what = format!("{} on its side, {}", measure.measure, cell.channel);
            let highest = (1.0 - CONFIDENCE) / 2.0 + 2.0 * measure.wrong_side.standard_error;
            checks.push(Check::within(what, measure.wrong_side.value, 0.0, highest));
        }
    }
    checks
}
