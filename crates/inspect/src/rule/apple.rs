//! Apple HomePod; most of what it says, an iPhone or a Mac says too.
//!
//! Source: names of a HomePod in a published capture; BehavIoT's tables of idle periods.

use super::{Ecosystem::Apple, Rule, When, rule};
use crate::evidence::Kind;

pub(super) const RULES: &[Rule] = &[
    rule(When::Begins(Kind::Model, "AudioAccessory"), Apple, 5, 10, "names itself a HomePod"),
    rule(When::Begins(Kind::DhcpHost, "HomePod"), Apple, 4, 8, "host name of a HomePod"),
    rule(When::Begins(Kind::MdnsHost, "HomePod"), Apple, 4, 8, "host name of a HomePod"),
    rule(When::Is(Kind::MdnsAnnounced, "_airplay._tcp"), Apple, 2, 2, "offers AirPlay"),
    rule(When::Is(Kind::MdnsAnnounced, "_raop._tcp"), Apple, 2, 2, "offers AirPlay audio"),
    rule(When::Is(Kind::MdnsAnnounced, "_homekit._tcp"), Apple, 3, 2, "is a HomeKit hub"),
    rule(When::Is(Kind::MdnsAnnounced, "_companion-link._tcp"), Apple, 3, 0, "belongs to an Apple account"),
    rule(When::Is(Kind::MdnsAnnounced, "_sleep-proxy._udp"), Apple, 2, 1, "answers for sleeping devices"),
    rule(When::Reaches("guzzoni.apple.com"), Apple, 3, 1, "talks to Siri"),
    rule(When::Has(Kind::DnsQuery, "guzzoni"), Apple, 1, 0, "talks to Siri"),
    rule(When::Reaches("mesu.apple.com"), Apple, 2, 0, "updates from Apple"),
    rule(When::Reaches("push.apple.com"), Apple, 2, 0, "Apple's push channel"),
    rule(When::Reaches("icloud.com"), Apple, 1, 0, "reaches iCloud"),
    rule(When::Reaches("aaplimg.com"), Apple, 1, 0, "reaches Apple"),
    rule(When::Reaches("apple.com"), Apple, 1, 0, "reaches Apple"),
    rule(When::Every(":5223 every", 290.0, 310.0), Apple, 2, 1, "keeps Apple's push channel as a HomePod"),
    rule(When::Every("mesu.apple.com", 900.0, 1020.0), Apple, 2, 2, "a HomePod's rhythm"),
];
