//! Claims about packets as such: Figures 4 and 5.

use super::{Finding, Holds, Statement};
use crate::experiment::paper::{PaperResult, Quantity};
use crate::figure::correlations::{pairs, short};
use crate::figure::means::{mean, ratio};
use crate::figure::number::{fixed, with_interval};

pub(super) const STATEMENTS: &[Statement] = &[
    Statement {
        id: "length_off_on",
        section: "§4.1, Figure 4a",
        says: "The average packet length for mic_off and mic_on is very similar.",
        rule: "holds within 10 %, partly within 25 %",
        calibrated: true,
        decide: |r| similar(r, Quantity::Length),
    },
    Statement {
        id: "tcp_window_off_on",
        section: "§4.1, Figure 4b",
        says: "The average size of the TCP window for mic_off and mic_on is very similar.",
        rule: "holds within 10 %, partly within 25 %",
        calibrated: false,
        decide: |r| similar(r, Quantity::TcpWindow),
    },
    Statement {
        id: "length_noise",
        section: "§4.1, Figure 4a",
        says: "With noise the average packet length doubles (the paper's own totals give 1.79).",
        rule: "holds from 1.75 to 2.25 times, partly from 1.25 times on",
        calibrated: true,
        decide: doubles,
    },
    Statement {
        id: "tcp_window_noise",
        section: "§4.1, Figure 4b",
        says: "With noise the average TCP window size halves.",
        rule: "holds from 0.4 to 0.6 times, partly up to 0.8 times",
        calibrated: true,
        decide: halves,
    },
    Statement {
        id: "no_strong_correlations",
        section: "§4.1, Figure 5",
        says: "In general, there are not strong relationships among the data.",
        rule: "holds if no |r| reaches 0.5 (packet length with TTL in noise apart), partly if one does",
        calibrated: true,
        decide: weak,
    },
    Statement {
        id: "length_ttl_noise",
        section: "§4.1, Figure 5c",
        says: "The only exception is the packet length and the TTL with noise: a positive correlation.",
        rule: "holds from r = 0.3 on, partly from 0.1 on",
        calibrated: true,
        decide: positive,
    },
];

fn similar(result: &PaperResult, quantity: Quantity) -> Option<Finding> {
    let ratio = ratio(result, quantity, "mic_on", "mic_off")?;
    let off = (ratio - 1.0).abs();
    let holds = match off {
        _ if off <= 0.10 => Holds::Holds,
        _ if off <= 0.25 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    Finding::new(
        holds,
        format!(
            "mic_on has {} times the mean of mic_off{}.",
            fixed(ratio, 3),
            sides(result, quantity, ["mic_off", "mic_on"])
        ),
    )
}

fn doubles(result: &PaperResult) -> Option<Finding> {
    let ratio = ratio(result, Quantity::Length, "mic_on_noise", "mic_on")?;
    let holds = match ratio {
        1.75..=2.25 => Holds::Holds,
        r if r >= 1.25 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    Finding::new(holds, noise_against_quiet(result, Quantity::Length, ratio))
}

fn halves(result: &PaperResult) -> Option<Finding> {
    let ratio = ratio(result, Quantity::TcpWindow, "mic_on_noise", "mic_on")?;
    let holds = match ratio {
        0.4..=0.6 => Holds::Holds,
        r if r <= 0.8 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    Finding::new(holds, noise_against_quiet(result, Quantity::TcpWindow, ratio))
}

fn noise_against_quiet(result: &PaperResult, quantity: Quantity, ratio: f64) -> String {
    let sides = sides(result, quantity, ["mic_on", "mic_on_noise"]);
    format!("mic_on_noise has {} times the mean of mic_on{sides}.", fixed(ratio, 2))
}

/// `: 339 (337 to 341) against 342 (340 to 344)`, first to second condition.
fn sides(result: &PaperResult, quantity: Quantity, conditions: [&str; 2]) -> String {
    let one = |name: &str| {
        let m = mean(result, name, quantity)?;
        Some(with_interval(m.mean?, m.interval))
    };
    match (one(conditions[0]), one(conditions[1])) {
        (Some(a), Some(b)) => format!(": {b} against {a}"),
        _ => String::new(),
    }
}

fn is_length_ttl(a: Quantity, b: Quantity) -> bool {
    matches!((a, b), (Quantity::Length, Quantity::Ttl) | (Quantity::Ttl, Quantity::Length))
}

fn weak(result: &PaperResult) -> Option<Finding> {
    let paper = ["mic_off", "mic_on", "mic_on_noise"];
    let mut all = Vec::new();
    for name in paper {
        let matrix = result.correlations.iter().find(|m| m.condition == name)?;
        let others =
            pairs(matrix).into_iter().filter(|&(a, b, _)| name != "mic_on_noise" || !is_length_ttl(a, b));
        all.extend(others.map(|pair| (name, pair)));
    }
    let strong = all.iter().filter(|(_, (_, _, r))| r.abs() >= 0.5).count();
    let (condition, (a, b, r)) = all.iter().max_by(|x, y| x.1.2.abs().total_cmp(&y.1.2.abs()))?;
    let holds = match strong {
        0 => Holds::Holds,
        1 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    let shows = format!(
        "{strong} of {} other pairs reach |r| = 0.5; the largest is {} with {} under {condition}, r = {}.",
        all.len(),
        short(*a),
        short(*b),
        fixed(*r, 2)
    );
    Finding::new(holds, shows)
}

fn positive(result: &PaperResult) -> Option<Finding> {
    let of = |name: &str| {
        let matrix = result.correlations.iter().find(|m| m.condition == name)?;
        pairs(matrix).into_iter().find(|&(a, b, _)| is_length_ttl(a, b)).map(|(_, _, r)| r)
    };
    let r = of("mic_on_noise")?;
    let holds = match r {
        r if r >= 0.3 => Holds::Holds,
        r if r >= 0.1 => Holds::Partly,
        _ => Holds::DoesNot,
    };
    let quiet = of("mic_on").map_or_else(String::new, |q| format!(", against {} in quiet", fixed(q, 2)));
    Finding::new(holds, format!("r = {} with noise{quiet}.", fixed(r, 2)))
}
