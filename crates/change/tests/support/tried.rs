//! At which settings examples, benches and tests try each defence: those of its default sweep, and for one that needs to
//! be given something a speaker's.

#![allow(dead_code, reason = "each user needs some of it")]

use overhear_change::defence::{Entry, Setting};
use std::net::IpAddr;

/// Machines that `maybenot_machines` 1.0 makes at the device's end: `tamaraw` at 200 ms with a window of 1 s, which blocks.
const MAYBENOT: &str = concat!(
    "client=",
    "02eNr7+x8KGKDgL7oAM4RiZGRkYGiwh4kyMDKBBIgACddlTZyQaOyAkZEJYTwjIy6zszgccekEa4GaAACOcBlH.",
    "02eNqdjssNgCAQROeBWo4toGXYjQcLtgGiCbJGCFyc0+xmfvHKUEasH5MRAdIe7HKojW0pTvDJBu61w/Bw6ImszaT4dt9+zKuahSqqgN7gM3y8lS3R0Ta5bsYvpLS89AZSvx8z",
    ",size=250",
);

/// `far_end`: whom `block-endpoint` blocks; it is left out without one.
pub fn tried(entry: &'static Entry, far_end: Option<IpAddr>) -> Vec<Setting> {
    let given = match entry.name {
        "block-endpoint" => far_end.map(|address| format!("address={address}")),
        "morph" => Some("up=52+64+120+250+700,down=52+64+150+500+1400".to_owned()),
        "adaptive-tamaraw" => {
            Some("size=250,up=100,down=100,multiple=10,sets=10/40/40/10.50/20/12/20".to_owned())
        }
        "maybenot" => Some(MAYBENOT.to_owned()),
        _ => None,
    };
    let given = given.map(|typed| format!("{}:{typed}", entry.name).parse().expect("in range"));
    entry.sweep().chain(given).collect()
}

/// A setting as it was typed; what has to be given is left out.
pub fn typed(setting: &Setting) -> String {
    let entry = setting.entry();
    let own = entry.settings.iter().find(|typed| {
        let colon = if typed.is_empty() { "" } else { ":" };
        format!("{}{colon}{typed}", entry.name).parse().as_ref() == Ok(setting)
    });
    match own {
        Some(&"") => entry.name.to_owned(),
        Some(typed) => format!("{}:{typed}", entry.name),
        None => format!("{}:…", entry.name),
    }
}

/// A defence's line in docs/defences.md.
pub fn row(entry: &Entry) -> String {
    let Entry { name, source, .. } = entry;
    let touches = entry.touches.iter().map(|aspect| aspect.words()).collect::<Vec<_>>().join(", ");
    format!("| `{name}` | {} | {touches} | {source} |", entry.who.words())
}
