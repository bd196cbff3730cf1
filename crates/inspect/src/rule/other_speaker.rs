//! Speakers of everyone else, and what any speaker may say.

use super::Ecosystem::{Baidu, BangOlufsen, Bose, Harman, Heos, Sonos, Xiaomi, Yandex};
use super::{Rule, When, rule};
use crate::evidence::Kind;

pub(super) const RULES: &[Rule] = &[
    rule(When::Is(Kind::MdnsAnnounced, "_sonos._tcp"), Sonos, 5, 8, "offers Sonos"),
    rule(When::Begins(Kind::MdnsHost, "sonos"), Sonos, 3, 5, "host name of a Sonos"),
    rule(When::Begins(Kind::DhcpHost, "sonos"), Sonos, 3, 5, "host name of a Sonos"),
    rule(When::Has(Kind::SsdpServer, "Sonos/"), Sonos, 5, 8, "announces itself as a Sonos"),
    rule(When::Has(Kind::SsdpService, "ZonePlayer"), Sonos, 5, 8, "announces a Sonos player"),
    rule(When::Is(Kind::Port, "TCP 1400"), Sonos, 2, 2, "answers on Sonos' port"),
    rule(When::Reaches("ws.sonos.com"), Sonos, 4, 3, "uses Sonos' services"),
    rule(When::Reaches("sonos.com"), Sonos, 2, 1, "reaches Sonos"),
    rule(When::Is(Kind::MdnsAnnounced, "_soundtouch._tcp"), Bose, 5, 8, "offers Bose SoundTouch"),
    rule(When::Is(Kind::MdnsAnnounced, "_bose-passport._tcp"), Bose, 5, 6, "offers Bose's app a link"),
    rule(When::Reaches("bose.io"), Bose, 3, 2, "uses Bose's services"),
    rule(When::Reaches("bose.com"), Bose, 2, 1, "reaches Bose"),
    rule(When::Is(Kind::MdnsAnnounced, "_beoremote._tcp"), BangOlufsen, 5, 5, "offers B&O's remote"),
    rule(When::Has(Kind::DhcpHost, "Harman"), Harman, 3, 4, "host name of a Harman"),
    rule(When::Has(Kind::Model, "JBL"), Harman, 3, 6, "names itself a JBL"),
    rule(When::Has(Kind::Model, "Harman"), Harman, 3, 6, "names itself a Harman"),
    rule(When::Is(Kind::MdnsAnnounced, "_heos-audio._tcp"), Heos, 5, 6, "offers HEOS"),
    rule(When::Is(Kind::MdnsAnnounced, "_yandexio._tcp"), Yandex, 5, 8, "offers Yandex Station"),
    rule(When::Reaches("quasar.yandex.net"), Yandex, 4, 5, "talks to Alice"),
    rule(When::Reaches("speech.ai.xiaomi.com"), Xiaomi, 4, 5, "talks to Xiaomi's assistant"),
    rule(When::Reaches("dueros.baidu.com"), Baidu, 4, 5, "talks to DuerOS"),
    any(When::Is(Kind::MdnsAnnounced, "_spotify-connect._tcp"), 2, "plays Spotify"),
    any(When::Is(Kind::MdnsAnnounced, "_tidalconnect._tcp"), 2, "plays Tidal"),
    any(When::Begins(Kind::Upload, "some seconds"), 3, "uploads as a spoken command does"),
    any(When::Has(Kind::SsdpService, "MediaRenderer"), 1, "plays media for others"),
    any(When::Reaches("apresolve.spotify.com"), 1, "plays Spotify"),
];

/// Of any ecosystem.
const fn any(when: When, speaker_points: i32, meaning: &'static str) -> Rule {
    Rule { when, ecosystem: None, ecosystem_points: 0, speaker_points, meaning }
}
