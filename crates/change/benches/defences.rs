//! Three generated days of a speaker in noise through every defence at the settings of its sweep, on one core: fastest
//! and median of seven runs, all defences in turn, as Markdown.
//!
//!     cargo bench -p overhear-change --bench defences -- [NAME...]    # those alone whose names begin so

#[path = "../tests/support/recorded.rs"]
mod recorded;
#[path = "../tests/support/tried.rs"]
mod tried;

use overhear_change::defence::{DEFENCES, Defended, Rates, Setting};
use recorded::Recorded;
use std::hint::black_box;
use std::time::Instant;
use tried::tried;

const RUNS: usize = 7;

/// A stack, how many packets it sends, and how long it takes, s.
struct Timed {
    stack: Vec<Setting>,
    name: String,
    sent: u64,
    seconds: Vec<f64>,
}

impl Timed {
    fn run(&mut self, recorded: &Recorded) {
        let begun = Instant::now();
        let mut change = Defended::new(&self.stack, Rates::default(), 1, 0);
        self.sent = 0;
        recorded.play(&mut change, &mut |event| {
            black_box(event);
            self.sent += 1;
        });
        self.seconds.push(begun.elapsed().as_secs_f64());
    }
}

fn main() {
    let names: Vec<String> = std::env::args().skip(1).filter(|name| !name.starts_with('-')).collect();
    let recorded = Recorded::generated(2, i64::MAX);
    let far_end = recorded.busiest();
    let tried = DEFENCES.into_iter().flat_map(|entry| tried(entry, far_end));
    let timed = |stack: Vec<Setting>, name: String| Timed { stack, name, sent: 0, seconds: Vec::new() };
    let mut all = vec![timed(Vec::new(), "no defence".to_owned())];
    all.extend(tried.map(|setting| {
        let name = tried::typed(&setting);
        timed(vec![setting], name)
    }));
    all.retain(|one| names.is_empty() || names.iter().any(|name| one.name.starts_with(name)));
    for _ in 0..RUNS {
        all.iter_mut().for_each(|one| one.run(&recorded));
    }
    println!("{} packets\n", recorded.packets());
    println!("| defence and setting | fastest, s | median, s | packets sent | fastest, s a million sent |");
    println!("|---|---:|---:|---:|---:|");
    for Timed { name, sent, seconds, .. } in &mut all {
        seconds.sort_by(f64::total_cmp);
        let (fastest, median) = (seconds[0], seconds[RUNS / 2]);
        println!("| `{name}` | {fastest:.3} | {median:.3} | {sent} | {:.3} |", fastest / *sent as f64 * 1e6);
    }
}
