//! The short way: from a campaign on disk to an answer.

use super::view::Representation;
use super::{AuditResult, Gathered, Plan, Settings, gather, given_by, run};
use crate::Error;
use crate::campaign::Campaign;
use crate::engine::Engine;
use overhear_traffic::feature::FeatureSet;
use overhear_traffic::observer::Observer;
use overhear_traffic::packet::Device;
use overhear_traffic::window::Windowing;
use std::num::NonZeroU32;
use std::time::Duration;

/// How a campaign is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// Whose packets; `None`: as the manifest says.
    pub device: Option<Device>,
    /// Who looks.
    pub observers: Vec<Observer>,
    /// What rows are made of packets.
    pub representation: Representation,
    /// Whether copies of packets are taken out, whatever the manifest says.
    pub dedup: bool,
}

impl Default for View {
    /// The device of the manifest, from the gateway, in windows of 15 seconds and of 20 packets, with all features.
    fn default() -> View {
        const SECONDS: NonZeroU32 = NonZeroU32::new(15).unwrap();
        const PACKETS: NonZeroU32 = NonZeroU32::new(20).unwrap();
        let windowings = [Windowing::Time(SECONDS), Windowing::Count(PACKETS)];
        View {
            device: None,
            observers: vec![Observer::Gateway],
            representation: Representation::of_windows(&windowings, FeatureSet::FULL),
            dedup: false,
        }
    }
}

impl Campaign {
    /// What to call the device: its name, else its address.
    pub fn name(&self) -> String {
        match self.manifest.device.name.as_str() {
            "" => self.device().to_string(),
            name => name.to_owned(),
        }
    }

    /// Reads every round, checks its capture, and keeps what can be used; what was noticed goes along as caveats.
    ///
    /// # Errors
    /// [`Error::NothingLeft`], [`Error::NoDevice`], [`Error::Stopped`].
    pub fn gather(&self, view: &View, engine: &Engine<'_>) -> Result<Gathered, Error> {
        let mut given = given_by(self, engine)?;
        given.iter_mut().for_each(|round| round.source.dedup |= view.dedup);
        let plan = Plan {
            name: &self.name(),
            device: view.device.unwrap_or(self.device()),
            observers: &view.observers,
            representation: &view.representation,
            generated: self.manifest.generated.as_ref().map(|knobs| knobs.in_words()),
            order: self.plan(),
        };
        gather(given, &plan, engine)
    }

    /// Is it a leak? Reads the campaign and audits it.
    ///
    /// # Errors
    /// As [`Campaign::gather`], and [`Error::Learn`].
    pub fn audit(&self, view: &View, settings: &Settings, engine: &Engine<'_>) -> Result<AuditResult, Error> {
        run(&self.gather(view, engine)?, settings, &|| Duration::ZERO, engine)
    }
}
