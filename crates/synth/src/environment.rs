//! What changes from day to day and from hour to hour whatever the microphone does: the day effect and the drift.
//!
//! Four levers move the window's features: payload lengths, packets per exchange, hops of the paths, advertised TCP
//! windows. Each has a standard normal value for each day and a slow wave of deviation 1; the settings scale both.
//! How far one unit of a lever moves a t=15 window's features was measured: see `docs/generator.md`.

use super::Settings;
use super::plan::{DAY_NS, RoundPlan, SECOND_NS};
use super::random::Random;

const LEVERS: usize = 4;

/// The features that each lever moves by one deviation of a t=15 window, in the levers' order: payload lengths, packets
/// per exchange, hops between servers and home, advertised TCP windows.
pub const LEVER_FEATURES: [&[&str]; LEVERS] = [
    &["length_mean", "length_std"],
    &["n_packets", "n_tcp", "n_udp"],
    &["ttl_mean", "ttl_std"],
    &["tcp_window_mean", "tcp_window_std"],
];

/// Waves that make up the drift of one lever.
const WAVES: usize = 4;
/// Periods of the waves: slower than a round, faster than a campaign. Unit: s.
const WAVE_PERIODS_S: (f64, f64) = (4.0 * 3600.0, 30.0 * 3600.0);

/// How far a lever at 1 moves its quantity, so that its features move by one deviation of a t=15 window.
/// Lengths, counts and windows: natural logarithm of the factor. Path: hops.
const REACH: [f64; LEVERS] = [1.9, 2.0, 20.0, 0.95];

/// Largest factors on payload lengths and on counts.
const LONGEST: f64 = 7.0;
const LARGEST_COUNT: f64 = 6.0;

/// The levers at one moment, as factors and hops ready for use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Conditions {
    /// Times the payload length.
    pub length: f64,
    /// Times the number of packets of an exchange.
    pub count: f64,
    /// Added to the TTL of packets from the Internet, hops.
    pub hops: f64,
    /// Times the advertised TCP window.
    pub window: f64,
}

/// The state of the world outside of the room: what changes by day and by hour whatever the microphone does.
pub struct Environment {
    seed: u64,
    day_effect: f64,
    drift: f64,
    campaign_start_ns: i64,
    fixed_day: Option<i64>,
    waves: [[Wave; WAVES]; LEVERS],
    cached: Option<(i64, [f64; LEVERS])>,
}

#[derive(Clone, Copy, Default)]
struct Wave {
    period_s: f64,
    phase: f64,
}

impl Environment {
    /// The world around one round of a campaign.
    pub fn new(settings: &Settings, round: &RoundPlan) -> Environment {
        let mut random = Random::stream(settings.seed, "drift", 0);
        let mut waves = [[Wave::default(); WAVES]; LEVERS];
        for wave in waves.iter_mut().flatten() {
            // Uniform in the logarithm: as many fast waves as slow ones.
            let (low, high) = WAVE_PERIODS_S;
            wave.period_s = low * (high / low).powf(random.uniform(0.0, 1.0));
            wave.phase = random.uniform(0.0, std::f64::consts::TAU);
        }
        Environment {
            seed: settings.seed,
            day_effect: settings.day_effect,
            drift: settings.drift,
            campaign_start_ns: settings.start_ns,
            fixed_day: round.day,
            waves,
            cached: None,
        }
    }

    /// How far each lever is from its middle at a moment: day effect and drift together.
    ///
    /// Unit: deviations of a t=15 window's features, those of [`LEVER_FEATURES`]. 0 where both settings are.
    pub fn levers(&mut self, time_ns: i64) -> [f64; LEVERS] {
        let since_ns = time_ns - self.campaign_start_ns;
        let day = self.fixed_day.unwrap_or(since_ns.div_euclid(DAY_NS));
        let offsets = self.day_offsets(day);
        let since_s = since_ns as f64 / SECOND_NS as f64;
        std::array::from_fn(|lever| self.day_effect * offsets[lever] + self.drift * self.wave(lever, since_s))
    }

    /// The levers at a moment, as packets feel them.
    pub(super) fn at(&mut self, time_ns: i64) -> Conditions {
        if self.day_effect == 0.0 && self.drift == 0.0 {
            return Conditions { length: 1.0, count: 1.0, hops: 0.0, window: 1.0 };
        }
        let levers = self.levers(time_ns);
        let value: [f64; LEVERS] = std::array::from_fn(|lever| REACH[lever] * levers[lever]);
        // A longer payload can only fill its packets, so the length is centred on its median; the count has no such
        // limit and is centred on its mean, or a day effect would mean more traffic. Both keep within reason.
        let spread = self.day_effect.powi(2) + self.drift.powi(2);
        let centred = |lever: usize| (value[lever] - REACH[lever].powi(2) * spread / 2.0).exp();
        Conditions {
            length: value[0].exp().clamp(1.0 / LONGEST, LONGEST),
            count: centred(1).min(LARGEST_COUNT),
            hops: value[2],
            window: centred(3),
        }
    }

    fn day_offsets(&mut self, day: i64) -> [f64; LEVERS] {
        match self.cached {
            Some((cached, offsets)) if cached == day => offsets,
            _ => {
                let mut random = Random::stream(self.seed, "day", day as u64);
                let offsets = std::array::from_fn(|_| random.normal());
                self.cached = Some((day, offsets));
                offsets
            }
        }
    }

    /// Sum of the lever's waves; a sine of amplitude √(2/n) has variance 1/n.
    fn wave(&self, lever: usize, since_s: f64) -> f64 {
        let turn = |wave: &Wave| (std::f64::consts::TAU * since_s / wave.period_s + wave.phase).sin();
        (2.0 / WAVES as f64).sqrt() * self.waves[lever].iter().map(turn).sum::<f64>()
    }
}
