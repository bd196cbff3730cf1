//! Packet tables that a reader can check by hand, and tables that are refused.

use super::{CaptureReader, LinkType};
use crate::Error;
use crate::observer::Observer;
use crate::packet::Device;
use crate::trace::{self, Seen, Selection};

const PLAIN: &str = "time_s,size_bytes,direction\n0.000000,40,-1\n0.000963,1500,1\n12,60,1\n";

fn open(text: &str) -> Result<CaptureReader<&[u8]>, Error> {
    CaptureReader::new("x.csv".to_owned(), text.as_bytes())
}

/// Time, length and link type of every frame, and the error that ended them.
fn read(text: &str) -> (Vec<(i64, u32, LinkType)>, Option<String>) {
    let mut frames = Vec::new();
    let mut reader = match open(text) {
        Ok(reader) => reader,
        Err(error) => return (frames, Some(error.to_string())),
    };
    loop {
        match reader.next_frame() {
            Ok(Some(frame)) => {
                assert!(frame.bytes.is_empty());
                frames.push((frame.time_ns, frame.length_bytes, frame.link));
            }
            Ok(None) => return (frames, None),
            Err(error) => return (frames, Some(error.to_string())),
        }
    }
}

fn refused(text: &str) -> String {
    read(text).1.unwrap()
}

#[test]
fn rows_are_frames_whatever_the_order_of_columns() {
    let expected = vec![
        (0, 40, LinkType::RECEIVED),
        (963_000, 1500, LinkType::SENT),
        (12_000_000_000, 60, LinkType::SENT),
    ];
    for text in [
        PLAIN,
        "direction,time,length\n-1,0,40\n1,9.63e-4,1500\n+1,12.0,60\n",
        ",time,size,direction\n0,0.0,40.0,-1.0\n1,0.000963000000009,1500.0,1.0\n2,12.0,60.0,1.0\n",
        "\u{feff}Timestamp;Size;Direction\r\n0;40;in\r\n0.000963;1500;OUT\r\n\r\n12;60;+",
        "trace\ttime_s\tsize_bytes\tdirection\n\"a\tb\"\t0\t40\t-\nc\t0.000963\t1500\t\"1\"\nd\t12\t60\t1\n",
    ] {
        let (frames, error) = read(text);
        assert_eq!((frames, error), (expected.clone(), None), "{text}");
    }
}

#[test]
fn a_packet_table_is_of_one_device_and_everybody_sees_it_as_listed() {
    for observer in Observer::ALL {
        let device = "02:00:00:00:00:09".parse().unwrap();
        for device in [Device::Any, device] {
            let mut seen = Vec::new();
            let summary = trace::read(&mut open(PLAIN).unwrap(), Selection { device, observer }, |one| {
                if let Seen::Packet { packet, .. } = one {
                    seen.push((packet.direction.map(|way| way as u8), packet.length_bytes, packet.network));
                }
            });
            assert_eq!(seen, [(Some(1), 40, None), (Some(0), 1500, None), (Some(0), 60, None)]);
            let summary = summary.unwrap();
            assert_eq!((summary.frames, summary.non_ip_frames, summary.copies.looked_at), (3, 0, 0));
        }
    }
}

#[test]
fn jitter_is_left_to_the_clock_and_a_time_that_falls_is_refused() {
    let jitter = "time_s,size_bytes,direction\n5,40,1\n4.5,40,1\n4,40,1\n";
    assert_eq!(read(jitter).0.len(), 3);
    let plain = refused("time_s,size_bytes,direction\n5,40,1\n3.999999999,40,1\n");
    assert_eq!(
        plain,
        "x.csv, line 3: the time 3.999999999 lies more than a second before 5.000000000 above it; sort the rows by time, and \
         give every trace a file or a column of its own"
    );
    let keyed = refused("command,trace,time_s,size_bytes,direction\na,1,5,40,1\na,2,0,40,1\n");
    assert!(keyed.contains("line 3") && keyed.contains("command, trace tell traces apart"), "{keyed}");
}

#[test]
fn what_is_no_packet_table_says_where_and_what_to_do() {
    let row = |row: &str| refused(&format!("time_s,size_bytes,direction\n0,40,1\n{row}\n"));
    for (found, wanted) in [
        (
            "1,-40,1",
            "line 3: the size \"-40\" is none; a size is never negative: where its sign is the direction",
        ),
        ("1,40.5,1", "the size \"40.5\" is none; a size is a whole number"),
        ("1,large,1", "the size \"large\" is none; write a whole number of bytes"),
        ("1,40,0", "the direction \"0\" is none; write 1, + or out"),
        ("1,40,", "the direction \"\" is none"),
        ("later,40,1", "the time \"later\" is none; write seconds"),
        ("9e99,40,1", "the time \"9e99\" is none; write seconds"),
        ("1;40;1", "line 3: 1 cells where the header has 3"),
        ("1,40,1,5", "line 3: 4 cells where the header has 3; put quotes"),
        ("\"1,40,1", "line 3: a quote is not closed"),
    ] {
        let message = row(found);
        assert!(message.starts_with("x.csv, line 3: ") && message.contains(wanted), "{found}: {message}");
    }
    let no_direction = refused("time_s,size\n0,40\n");
    assert!(no_direction.starts_with("x.csv, line 1: a packet table needs direction"), "{no_direction}");
    assert!(no_direction.contains("its columns are time_s, size;"), "{no_direction}");
    let one_alone = refused("a,b,time\n0,40,1\n");
    assert!(one_alone.contains("needs size_bytes and direction"), "{one_alone}");
    let no_header = refused("0.000000,40,-1\n0.1,40,1\n");
    assert!(no_header.contains("line 1: the first line (0.000000, 40, -1) holds values"), "{no_header}");
    let long = refused(&format!("time_s,size_bytes,direction\n0,40,1{}", " ".repeat(70_000)));
    assert!(long.contains("line 2: the line is longer than 65536 bytes"), "{long}");
    for other in ["a,b,c\n1,2,3\n", "time flies like an arrow\n", "{\"time\": 1}\n", &"x".repeat(100_000)] {
        assert!(refused(other).contains("not a capture"), "{other:.40}");
    }
}

#[test]
fn a_table_that_breaks_off_in_a_row_is_cut_off_there() {
    let text = &PLAIN[..PLAIN.len() - 4];
    let mut reader = open(text).unwrap();
    while reader.next_frame().unwrap().is_some() {}
    assert_eq!(reader.n_frames(), 2);
    assert_eq!(reader.cut_off_at(), Some(text.rfind('\n').unwrap() as u64 + 1));
}

const TRACES: &str = "who,trace,time_s,size_bytes,direction\n\
    a,1,0,40,1\na,1,8,41,-1\n\
    \"b, too\",1,0,42,1\n\n\
    a,2,0,43,1\na,2,1,44,1\n";

/// Keys of a trace, and the lengths of its packets.
type Keyed = (Vec<String>, Vec<u32>);

/// What tells each trace, and the lengths of its packets.
fn traces(reader: &mut CaptureReader<&[u8]>) -> Result<Vec<Keyed>, Error> {
    let mut found = Vec::new();
    while let Some(keys) = reader.next_trace()? {
        let mut lengths = Vec::new();
        while let Some(frame) = reader.next_frame()? {
            lengths.push(frame.length_bytes);
        }
        found.push((keys, lengths));
    }
    Ok(found)
}

#[test]
fn rows_with_equal_keys_are_one_trace() {
    let mut reader = open(TRACES).unwrap();
    assert_eq!(reader.key_columns(), ["who", "trace"]);
    reader.split_by(&reader.key_columns()).unwrap();
    let keys = |keys: [&str; 2]| keys.map(str::to_owned).to_vec();
    let expected = vec![
        (keys(["a", "1"]), vec![40, 41]),
        (keys(["b, too", "1"]), vec![42]),
        (keys(["a", "2"]), vec![43, 44]),
    ];
    assert_eq!(traces(&mut reader).unwrap(), expected);
    // what is not read of a trace is passed over
    let mut reader = open(TRACES).unwrap();
    reader.split_by(&["who".to_owned(), "trace".to_owned()]).unwrap();
    let mut begun = Vec::new();
    while let Some(keys) = reader.next_trace().unwrap() {
        begun.push(keys);
    }
    assert_eq!(begun.len(), 3);
}

#[test]
fn traces_are_told_by_the_columns_named_and_must_stand_together() {
    let mut reader = open(TRACES).unwrap();
    reader.split_by(&["who".to_owned()]).unwrap();
    let message = traces(&mut reader).unwrap_err().to_string();
    assert!(message.contains("line 6: the trace a was there before"), "{message}");
    let unknown = open(TRACES).unwrap().split_by(&["time_s".to_owned()]).unwrap_err().to_string();
    assert!(
        unknown.contains("no column \"time_s\"") && unknown.contains("there are: who, trace"),
        "{unknown}"
    );
    // without a column the table is one trace, as a capture is
    let mut reader = open(PLAIN).unwrap();
    reader.split_by(&[]).unwrap();
    assert_eq!(traces(&mut reader).unwrap(), [(vec![], vec![40, 1500, 60])]);
    assert_eq!(traces(&mut open(PLAIN).unwrap()).unwrap(), [(vec![], vec![40, 1500, 60])]);
}

#[test]
fn a_column_without_a_name_tells_no_traces_apart() {
    for name in ["", "Unnamed: 0", "__index_level_0__"] {
        let text = format!("{name},time,size,direction,who\n0,0.0,40.0,-1.0,a\n1,1,40,1,a\n");
        assert_eq!(open(&text).unwrap().key_columns(), ["who"]);
    }
}

#[cfg(feature = "compression")]
#[test]
fn a_compressed_table_is_read_as_it_is() {
    use std::io::Write;
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(PLAIN.as_bytes()).unwrap();
    let stream = std::io::Cursor::new(gz.finish().unwrap());
    let mut reader = CaptureReader::from_stream("x.csv.gz".to_owned(), stream).unwrap().read_ahead();
    assert!(reader.is_packet_table());
    let mut frames = 0;
    while reader.next_frame().unwrap().is_some() {
        frames += 1;
    }
    assert_eq!(frames, 3);
}
