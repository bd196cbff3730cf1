//! The same Maybenot machines on the same trace, in Overhear's driver and in the framework's own simulator, in turn.
//!
//!     cd benches/compare/maybenot && cargo run --release
//!
//! Three generated days of a speaker in noise, its IP packets alone, without a link, one connection. The trace is read and
//! parsed beforehand; the simulator has no delay on the way and keeps what the client sends and receives. Both draw random
//! numbers of their own. Where machines block, the simulator delays what comes later as well and the driver does not, so
//! that numbers of packets differ.

#[path = "../../../../crates/change/tests/support/recorded.rs"]
mod recorded;

use maybenot::{Machine, TriggerEvent};
use maybenot_machines::interspace::{interspace_client, interspace_server};
use maybenot_machines::netflow::simple_netflow;
use maybenot_machines::tamaraw::tamaraw;
use maybenot_simulator::network::Network;
use maybenot_simulator::queue::SimQueue;
use maybenot_simulator::{SimulatorArgs, parse_trace, sim_advanced};
use overhear_change::defence::{Defended, Rates, Setting};
use overhear_traffic::change::Change;
use overhear_traffic::event::Event;
use overhear_traffic::packet::Direction;
use overhear_traffic::trace::Span;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use recorded::Recorded;
use std::fmt::Write;
use std::time::{Duration, Instant};

const RUNS: usize = 5;

type Packets = [(Event, Option<Direction>)];

fn main() {
    let recorded = Recorded::generated(2, i64::MAX);
    let packets: Vec<_> = recorded.events().filter(|(event, _)| event.network.is_some()).collect();
    let packets: Vec<_> = packets.into_iter().map(|(event, direction)| (*event, direction)).collect();
    let network = Network::new(Duration::ZERO, Some(1_000_000));
    let queue = parse_trace(&trace(&packets), network);
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let pairs = [
        ("netflow", vec![simple_netflow()], vec![simple_netflow()]),
        ("interspace", interspace_client(&mut random), interspace_server(&mut random)),
        ("tamaraw, 200 ms", tamaraw(0.2, 1e6), tamaraw(0.2, 1e6)),
    ];
    println!("{} packets; medians of {RUNS} runs, in turn\n", packets.len());
    println!(
        "| machines | Overhear, s | simulator, s | simulator ÷ Overhear | packets sent: Overhear | simulator |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, client, server) in pairs {
        let setting = setting(&client, &server);
        let (mut ours, mut theirs, mut sent) = (Vec::new(), Vec::new(), [0, 0]);
        for _ in 0..RUNS {
            ours.push(timed(|| sent[0] = driven(&setting, &packets)));
            let mut queue = queue.clone();
            theirs.push(timed(|| sent[1] = simulated(&client, &server, &mut queue, network)));
        }
        let [ours, theirs] = [ours, theirs].map(median);
        println!("| {name} | {ours:.3} | {theirs:.3} | {:.1} | {} | {} |", theirs / ours, sent[0], sent[1]);
    }
}

/// As the simulator reads it: nanoseconds since the first packet, and whether the client sends or receives.
fn trace(packets: &Packets) -> String {
    let mut text = String::new();
    for (event, direction) in packets {
        let way = if *direction == Some(Direction::Out) { 's' } else { 'r' };
        writeln!(text, "{},{way}", event.time_ns - packets[0].0.time_ns).expect("memory takes it");
    }
    text
}

fn setting(client: &[Machine], server: &[Machine]) -> Setting {
    let text = |own: &[Machine]| own.iter().map(Machine::serialize).collect::<Vec<_>>().join(".");
    let text = format!("maybenot:client={},server={},size=500,idle=86400", text(client), text(server));
    text.parse().expect("machines")
}

/// How many packets leave the driver.
fn driven(setting: &Setting, packets: &Packets) -> usize {
    let free = Rates { up_bits_per_s: None, down_bits_per_s: None };
    let (mut change, mut sent) = (Defended::new(std::slice::from_ref(setting), free, 1, 0), 0);
    change.begin(Span::default());
    for (event, direction) in packets {
        change.take(event, *direction, &mut |_| sent += 1);
    }
    change.finish(None, &mut |_| sent += 1);
    sent
}

/// How many packets the simulator's client sends and receives.
fn simulated(client: &[Machine], server: &[Machine], queue: &mut SimQueue, network: Network) -> usize {
    let mut arguments = SimulatorArgs::new(network, 0, true);
    arguments.only_client_events = true;
    arguments.insecure_rng_seed = Some(1);
    let found = sim_advanced(client, server, queue, &arguments);
    let is_packet =
        |event: &TriggerEvent| matches!(event, TriggerEvent::TunnelSent | TriggerEvent::TunnelRecv);
    found.iter().filter(|own| is_packet(&own.event)).count()
}

fn timed(run: impl FnOnce()) -> f64 {
    let begun = Instant::now();
    run();
    begun.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
