//! Who made a device, by its address block.
//!
//! A table of our own: the makers of smart speakers, and those of routers, televisions and small
//! computers that stand beside them in homes. docs/inspect.md says why it is no more than that.

mod apple;
mod home;
mod speakers;

use super::rule::Ecosystem;
use overhear_traffic::packet::Mac;
use serde::Serialize;

/// A maker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maker {
    /// As people call it.
    pub name: &'static str,
    /// Whose ecosystem its products belong to, where they do.
    pub ecosystem: Option<Ecosystem>,
    /// What its address block alone says for a smart speaker: points, as in a rule.
    pub speaker_points: i32,
}

/// How an address came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressKind {
    /// Given by the maker out of its block.
    FromMaker,
    /// Locally administered: set by hand, by a hypervisor, or random for privacy.
    Local,
}

/// How the address came about, by its second-lowest bit.
pub fn address_kind(mac: Mac) -> AddressKind {
    if mac.0[0] & 2 != 0 { AddressKind::Local } else { AddressKind::FromMaker }
}

/// The maker whose block the address is of; `None` where the table does not know it.
pub fn of(mac: Mac) -> Option<Maker> {
    let block = u32::from_be_bytes([0, mac.0[0], mac.0[1], mac.0[2]]);
    MAKERS.iter().find(|(_, blocks)| blocks.binary_search(&block).is_ok()).map(|(maker, _)| *maker)
}

const fn maker(name: &'static str, ecosystem: Option<Ecosystem>, speaker_points: i32) -> Maker {
    Maker { name, ecosystem, speaker_points }
}

/// The register. Apple, Google and Amazon make many other things; Sonos hardly, but an address alone never makes a
/// speaker likely.
const MAKERS: &[(Maker, &[u32])] = &[
    (maker("Google", Some(Ecosystem::Google), 1), speakers::GOOGLE),
    (maker("Amazon", Some(Ecosystem::Amazon), 1), speakers::AMAZON),
    (maker("Apple", Some(Ecosystem::Apple), 0), apple::APPLE),
    (maker("Sonos", Some(Ecosystem::Sonos), 3), speakers::SONOS),
    (maker("Bose", Some(Ecosystem::Bose), 3), speakers::BOSE),
    (maker("Bang & Olufsen", Some(Ecosystem::BangOlufsen), 3), speakers::BANG_OLUFSEN),
    (maker("Harman", Some(Ecosystem::Harman), 2), speakers::HARMAN),
    (maker("Libratone", None, 3), speakers::LIBRATONE),
    (maker("Sound United", Some(Ecosystem::Heos), 1), speakers::SOUND_UNITED),
    (maker("Devialet", None, 3), speakers::DEVIALET),
    (maker("Yamaha", None, 1), speakers::YAMAHA),
    (maker("D-Link", None, 0), home::D_LINK),
    (maker("TP-Link", None, 0), home::TP_LINK),
    (maker("Netgear", None, 0), home::NETGEAR),
    (maker("eero", None, 0), home::EERO),
    (maker("AVM", None, 0), home::AVM),
    (maker("Ubiquiti", None, 0), home::UBIQUITI),
    (maker("Belkin", None, 0), home::BELKIN),
    (maker("Roku", None, 0), home::ROKU),
    (maker("Vizio", None, 0), home::VIZIO),
    (maker("Microsoft", None, 0), home::MICROSOFT),
    (maker("Raspberry Pi", None, 0), home::RASPBERRY_PI),
    (maker("Espressif", None, 0), home::ESPRESSIF),
    (maker("Alfa", None, 0), home::ALFA),
    (maker("Signify", None, 0), home::SIGNIFY),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_in_order_and_no_block_has_two_makers() {
        let mut all: Vec<u32> = MAKERS.iter().flat_map(|(_, blocks)| blocks.iter().copied()).collect();
        assert!(MAKERS.iter().all(|(_, blocks)| blocks.is_sorted()));
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
    }

    #[test]
    fn known_speakers_have_their_makers() {
        let name = |mac| of(Mac(mac)).map(|maker| maker.name);
        assert_eq!(name([0xd4, 0xf5, 0x47, 0, 0, 1]), Some("Google"));
        assert_eq!(name([0xd4, 0xa3, 0x3d, 0, 0, 1]), Some("Apple"));
        assert_eq!(name([0x68, 0xdb, 0xf5, 0, 0, 1]), Some("Amazon"));
        assert_eq!(name([2, 0, 0, 0, 0, 1]), None);
        assert_eq!(address_kind(Mac([0x1e, 0, 0, 0, 0, 1])), AddressKind::Local);
    }
}
