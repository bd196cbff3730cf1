//! Tables as other programs write them.

use super::*;

fn assign(csv: &str, roles: Roles) -> Result<Labelled, Error> {
    assign_bytes(csv.as_bytes(), roles)
}

fn assign_bytes(csv: &[u8], roles: Roles) -> Result<Labelled, Error> {
    let table = Table::from_csv("t.csv", csv, &roles.text_columns())?;
    roles.assign(&table)
}

fn label(name: &str) -> Roles {
    Roles { label: name.to_owned(), ..Roles::default() }
}

fn said(found: &Labelled) -> Vec<String> {
    found.warnings.iter().map(ToString::to_string).collect()
}

fn refused(csv: &str, roles: Roles) -> String {
    assign(csv, roles).unwrap_err().to_string()
}

/// A table of two classes with one honest column `a` and one to look at, in front of it.
fn with_column(name: &str, cells: impl IntoIterator<Item = String>) -> String {
    let mut csv = format!("{name},a,y\n");
    for (i, cell) in cells.into_iter().enumerate() {
        csv += &format!("{cell},{},{}\n", (i * 7919) % 101, ["quiet", "noise"][i % 2]);
    }
    csv
}

fn numbers(numbers: impl IntoIterator<Item = f64>) -> impl Iterator<Item = String> {
    numbers.into_iter().map(|n| n.to_string())
}

/// The features of such a table, and what was said of it.
fn read(name: &str, cells: impl IntoIterator<Item = f64>) -> (Vec<String>, Vec<String>) {
    let found = assign(&with_column(name, numbers(cells)), label("y")).unwrap();
    (found.data.features.clone(), said(&found))
}

#[track_caller]
fn is_left_out(name: &str, cells: impl IntoIterator<Item = f64>, why: &str) {
    let (features, said) = read(name, cells);
    assert_eq!(features, ["a"], "{name}: {said:?}");
    assert!(said.len() == 1 && said[0].contains(why), "{name}: {said:?}");
}

#[track_caller]
fn is_a_feature(name: &str, cells: impl IntoIterator<Item = f64>) {
    let (features, said) = read(name, cells);
    assert_eq!(features, [name, "a"], "{name}: {said:?}");
    assert!(said.is_empty(), "{name}: {said:?}");
}

fn count(n: usize) -> impl Iterator<Item = f64> + Clone {
    (0..n).map(|i| i as f64)
}

#[test]
fn classes_are_sorted_and_missing_cells_become_zero() {
    let found = assign("a,b,y\n1,,noise\n2,3,quiet\n4,5,noise\n", label("y")).unwrap();
    assert_eq!(found.data.classes, ["noise", "quiet"]);
    assert_eq!(found.data.y, [0, 1, 0]);
    assert_eq!(found.data.x.column(1), [0.0, 3.0, 5.0]);
    assert_eq!(said(&found), ["b: 1 missing cells are taken as 0"]);
}

#[test]
fn numeric_classes_are_sorted_by_value() {
    assert_eq!(assign("a,y\n1,10\n2,9\n", label("y")).unwrap().data.classes, ["9", "10"]);
}

#[test]
fn text_columns_are_refused_and_all_named() {
    let e = refused("a,host,src port,y\n1,h,UDP,0\n", label("y"));
    assert!(e.contains("--drop host --drop 'src port'"), "{e}");
}

#[test]
fn an_absent_label_lists_the_columns() {
    assert_eq!(refused("a,b\n1,2\n", label("y")), "t.csv: it has no column \"y\"; its columns are: a, b");
    let keep = Roles { keep: vec!["c".to_owned()], ..label("b") };
    assert_eq!(refused("a,b\n1,2\n", keep), "t.csv: it has no column \"c\"; its columns are: a, b");
}

#[test]
fn a_table_without_rows_is_refused() {
    let e = refused("a,y\n", label("y"));
    assert!(e.contains("no rows"), "{e}");
}

#[test]
fn rows_without_a_label_are_left_out_and_said_so() {
    let found = assign("a,y\n1,0\n2,\n3,1\n", label("y")).unwrap();
    assert_eq!(found.data.n_rows(), 2);
    assert_eq!(said(&found), ["1 of 3 rows are left out: no label or unit"]);
}

#[test]
fn a_column_without_a_name_is_left_out() {
    // pandas' index after concat, after shuffling, as text; R's readr and Parquet; two of them
    is_left_out("", count(20).chain(count(20)), "column 1 has no name");
    is_left_out("", [3.0, 0.0, 2.0, 1.0], "name it to keep it");
    is_left_out("Unnamed: 0", [7.5, 1.0, 3.0], "--keep or another name keeps it");
    is_left_out("Unnamed: 0.1", count(3), "without a name");
    is_left_out("Unnamed: 0.1.1", count(3), "without a name");
    is_left_out("...1", count(3), "without a name");
    is_left_out("__index_level_0__", count(3), "without a name");
    is_a_feature("Unnamed: x", [3.0, 1.0, 2.0, 4.0]);
    let both = assign(",a,,y\nr1,1,,0\nr2,5,,1\n", label("y")).unwrap();
    assert_eq!((both.data.features.as_slice(), both.warnings.len()), (&["a".to_owned()][..], 2));
}

#[test]
fn row_numbers_are_left_out_whatever_they_are_called() {
    for name in ["index", "level_0", "X", "rownames", "row.names", "id", "Row_ID", "No.", "frame.number"] {
        is_left_out(name, (1..5).map(f64::from), "counts rows");
    }
    is_left_out("index", count(12).chain(count(9)), "counts rows");
    // gaps after leaving rows out; any order after shuffling or sorting
    is_left_out("index", count(40).filter(|i| i % 7.0 != 3.0), "--keep keeps it");
    is_left_out("id", (0..30).map(|i| f64::from(i * 11 % 30)), "counts rows");
    // under any name: the same step in every row
    is_left_out("seq", (100..120).map(f64::from), "counts rows");
    is_left_out("offset", (0..20).map(|i| f64::from(i * 40)), "counts rows");
    is_left_out("countdown", (0..20).rev().map(f64::from), "counts rows");
    is_left_out("window_no", count(25).chain(count(25)).chain(count(10)), "counts rows");
}

#[test]
fn numbers_that_traffic_could_show_are_features() {
    is_a_feature("n_tcp", [1.0, 2.0, 3.0]);
    is_a_feature("flag", (0..40).map(|i| f64::from(i % 2)));
    is_a_feature("phase", (0..40).map(|i| f64::from(i % 4)));
    is_a_feature("total", (0..20).map(|i| f64::from(i * 40 + i % 3)));
    is_a_feature("ramp", (0..20).map(|i| f64::from(i) / 10.0 + 0.05));
    is_a_feature("index", (0..20).map(|i| f64::from(i * i % 7)));
    is_a_feature("X", (0..20).map(|i| f64::from(i * 13 % 20) + 0.5));
}

#[test]
fn what_is_kept_by_name_is_a_feature() {
    let csv = with_column("index", numbers(count(20)));
    let kept = assign(&csv, Roles { keep: vec!["index".to_owned()], ..label("y") }).unwrap();
    assert_eq!(kept.data.features, ["index", "a"]);
    assert!(kept.warnings.is_empty(), "{:?}", kept.warnings);
    let dropped = assign(&csv, Roles { drop: vec!["index".to_owned()], ..label("y") }).unwrap();
    assert!(dropped.warnings.is_empty(), "{:?}", dropped.warnings);
    let unit = assign(&csv, Roles { unit: Some("index".to_owned()), ..label("y") }).unwrap();
    assert!(unit.warnings.is_empty(), "{:?}", unit.warnings);
    let nothing = refused("id,y\n0,a\n1,b\n", label("y"));
    assert!(nothing.ends_with("drop fewer, or keep what was left out (\"id\") with --keep"), "{nothing}");
}

#[test]
fn start_ns_is_the_time_in_every_table() {
    let csv = with_column("start_ns", numbers([5e9, 1e9, 3e9]));
    let found = assign(&csv, label("y")).unwrap();
    assert_eq!(found.data.features, ["a"]);
    assert_eq!(found.data.starts_ns, Some(vec![5_000_000_000, 1_000_000_000, 3_000_000_000]));
    assert!(said(&found)[0].contains("\"start_ns\" is the time"), "{:?}", found.warnings);
}

#[test]
fn times_since_1970_are_left_out_in_every_unit() {
    // 2026-11-01 10:00 UTC and later, unevenly
    let uneven = |factor: f64| (0..20).map(move |i| (1_793_527_200.0 + f64::from(i * 3 + i % 2)) * factor);
    for factor in [1.0, 1e3, 1e6, 1e9] {
        is_left_out("a0", uneven(factor), "time of day and year");
        is_left_out("Timestamp", uneven(factor).rev(), "time of day and year");
    }
    for name in ["ts", "flowStart", "frame.time_epoch", "bidirectional_first_seen_ms", "date"] {
        let factor = if name.ends_with("_ms") { 1e3 } else { 1.0 };
        is_left_out(name, uneven(factor).rev(), "time of day and year");
    }
    is_left_out("date", [20_261_101.0, 20_260_131.0, 20_261_231.0], "time of day and year");
    // joined from two recordings: it falls once
    is_left_out("b0", uneven(1.0).chain(uneven(1.0)), "time of day and year");
}

#[test]
fn large_numbers_that_are_no_times_are_features() {
    let bytes = |i: i32| 1e9 + f64::from(i * 7919 % 1000) * 1e6;
    is_a_feature("bytes", (0..30).map(bytes));
    // a duration of seconds in ns, whose name says its unit
    is_a_feature("idle_time_ns", (0..30).map(bytes));
    is_a_feature("rate", (0..30).map(|i| 1.8e12 + f64::from(i * 7919 % 1000) * 1e6));
    is_a_feature("date", [20_261_301.0, 20_260_131.0, 20_261_231.0]);
    is_a_feature("time_s", [0.5, 1.5, 0.25]);
}

#[test]
fn a_class_called_none_is_a_class() {
    for class in ["None", "none", "null", "NULL"] {
        let found = assign(&format!("a,y\n1,{class}\n2,Music\n3,{class}\n"), label("y")).unwrap();
        assert!(found.data.classes.contains(&class.to_owned()), "{class}");
        assert_eq!((found.data.n_rows(), found.warnings.len()), (3, 0), "{class}");
    }
    let unit = Roles { unit: Some("u".to_owned()), ..label("y") };
    let units = assign("a,y,u\n1,p,None\n2,q,b\n3,p,b\n", unit).unwrap();
    assert_eq!(units.data.units, Some(vec![0, 1, 1]));
}

#[test]
fn what_is_taken_as_missing_is_named_with_its_rows() {
    for missing in ["NA", "NaN", "nan", "<NA>", "N/A"] {
        let found =
            assign(&format!("a,y\n1,{missing}\n2,Music\n3,{missing}\n4,Quiet\n"), label("y")).unwrap();
        assert_eq!(found.data.classes, ["Music", "Quiet"], "{missing}");
        let taken =
            format!("y: \"{missing}\" is taken as missing, in 2 rows; rename it where it is a class or unit");
        assert_eq!(said(&found), [taken.as_str(), "2 of 4 rows are left out: no label or unit"]);
    }
    // among numbers None is what Python writes for nothing
    let found = assign("a,y\n1,0\n2,None\n3,1\n4,null\n", label("y")).unwrap();
    assert_eq!((found.data.classes.len(), found.warnings.len()), (2, 3), "{:?}", found.warnings);
    // a feature's missing cells have many names
    let found =
        assign("a,b,y\nNA,9,0\nNaN,8,1\nnan,1,0\n#N/A,3,1\nNULL,4,1\n-nan,5,1\n1,4,0\n", label("y")).unwrap();
    assert_eq!(said(&found), ["a: 6 missing cells are taken as 0"]);
}

#[test]
fn a_header_that_stands_again_is_left_out() {
    let found = assign("a,y\n1,p\na,y\n2,q\n a , y \n\u{feff}a,y\n5,p\n", label("y")).unwrap();
    assert_eq!(found.data.x.column(0), [1.0, 2.0, 5.0]);
    assert_eq!(said(&found), ["3 rows are the header once more, first row 2: left out"]);
    let once = assign("a,y\n1,p\n2,q\na,y\n", label("y")).unwrap();
    assert_eq!(said(&once), ["1 row is the header once more, first row 3: left out"]);
    // rows are counted as they stand in the file
    let e = refused("a,b,y\n1,1,p\na,b,y\n2,x,q\n", label("y"));
    assert!(e.contains("\"x\" in row 3"), "{e}");
    let e = refused("a,b,y\n1,1,p\na,b,y\n2,inf,q\n", label("y"));
    assert!(e.contains("first in row 3"), "{e}");
    let e = refused("a,b,y\n1,1,p\nb,a,y\n", label("y"));
    assert!(e.contains("row 2 names columns, but in another order"), "{e}");
    // numbers as names: such rows may be data
    assert_eq!(assign("0,1,2\n0,1,2\n5,1,3\n", label("2")).unwrap().data.n_rows(), 2);
}

#[test]
fn decimal_commas_are_named_with_what_to_do() {
    let comma = refused("dur,size,y\n\"12,576\",9,p\n\"1,5\",\"3,0\",q\n", label("y"));
    assert!(comma.starts_with("t.csv: the columns dur, size hold numbers with commas"), "{comma}");
    assert!(comma.contains("(\"12,576\" in row 1)") && comma.contains("decimal=\",\""), "{comma}");
    assert!(!comma.contains("--drop"), "{comma}");
    for number in ["-1.234,5", "1,234,567.8", "2,5e-3", "1\u{a0}234", "1’234"] {
        let e = refused(&format!("a,y\n\"{number}\",p\n2,q\n"), label("y"));
        assert!(e.contains("column \"a\" holds numbers with commas"), "{number}: {e}");
    }
    let semicolons = refused("dur;size;y\n12,576;9;p\n1,5;3;q\n", label("y"));
    assert!(semicolons.contains("column \"dur\" holds numbers with commas"), "{semicolons}");
    let unquoted = refused("dur,size,y\n12,576,9,p\n", label("y"));
    assert!(
        unquoted.contains("line 2: 4 cells where the header has 3") && unquoted.contains("decimal comma"),
        "{unquoted}"
    );
    for text in ["a,b", "1,", "12:30,5", "10.0.0.1", "1,2,x"] {
        let e = refused(&format!("a,y\n\"{text}\",p\n2,q\n"), label("y"));
        assert!(e.contains("--drop a"), "{text}: {e}");
    }
}

#[test]
fn other_separators_are_read_where_the_header_has_no_comma() {
    for (separator, name) in [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")] {
        let csv = "a,b,y\n1,2,\"p, q\"\n5,3,r\n".replace(',', &separator.to_string());
        let found = assign(&csv, label("y")).unwrap();
        assert_eq!((found.data.features.len(), found.data.n_rows()), (2, 2), "{name}");
        assert_eq!(
            said(&found),
            [format!("its cells are separated by {name}, not commas, and are read as such")]
        );
    }
    let excel = assign("\u{feff}sep=;\r\na;y\r\n1;p\r\n2;q\r\n", label("y")).unwrap();
    assert_eq!(excel.data.features, ["a"]);
    let quoted = assign("\"a, ms\";y\n1;p\n2;q\n", label("y")).unwrap();
    assert_eq!(quoted.data.features, ["a, ms"]);
    let commas = assign("a;b,y\n1,p\n2,q\n", label("y")).unwrap();
    assert_eq!(commas.data.features, ["a;b"]);
}

#[test]
fn infinity_is_named_once_with_all_its_columns_and_rows() {
    let e = refused("a,b,c,y\n1,inf,2,p\n-inf,1,3,q\n3,Infinity,4,p\n4,5,6,q\n1,1e999,inf,\n", label("y"));
    let start = "t.csv: the columns a, b hold infinity, in 3 of 4 rows (first in row 1); learners take finite numbers.";
    assert!(e.starts_with(start) && e.ends_with("--drop a --drop b"), "{e}");
    let one = refused("a,y\n1,0\n1e400,1\n", label("y"));
    assert!(one.contains("column \"a\" holds infinity, in 1 of 2 rows (first in row 2)"), "{one}");
    let table = Table::from_csv("t.csv", &b"a,b\n1,inf\n"[..], &[]).unwrap();
    assert!(table.numbers(&["a".to_owned()]).is_ok());
    assert!(table.numbers(&["b".to_owned()]).unwrap_err().to_string().contains("infinity"));
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(unit).collect()
}

#[test]
fn utf16_is_read_with_and_without_its_mark() {
    let csv = "a,y\n1,Ruhe\n2,Müsik🎵\n3,Ruhe\n";
    let marked = format!("\u{feff}{csv}");
    for unit in [u16::to_le_bytes, u16::to_be_bytes] {
        for text in [&marked, csv] {
            let found = assign_bytes(&utf16(text, unit), label("y")).unwrap();
            assert_eq!(found.data.classes, ["Müsik🎵", "Ruhe"]);
            assert_eq!(found.data.x.column(0), [1.0, 2.0, 3.0]);
            assert_eq!(said(&found), ["it is UTF-16 and is read as such"]);
        }
    }
    // longer than the part that shows the encoding
    let long: String = std::iter::once("a,y\r\n".to_owned())
        .chain((0..20_000).map(|i| format!("{},{}\r\n", i * i % 97, i % 3)))
        .collect();
    let found = assign_bytes(&utf16(&long, u16::to_le_bytes), label("y")).unwrap();
    assert_eq!((found.data.n_rows(), found.data.classes.len()), (20_000, 3));
}

#[test]
fn damaged_utf16_is_an_error_that_names_the_line() {
    let refused = |bytes: &[u8]| assign_bytes(bytes, label("y")).unwrap_err().to_string();
    let mut bytes = utf16("\u{feff}a,y\n1,p\n", u16::to_le_bytes);
    bytes.push(b'2');
    assert!(
        refused(&bytes).starts_with("t.csv: line 3: it is UTF-16, but it ends in the middle of a letter")
    );
    for half in [0xd83c, 0xdfb5] {
        let mut bytes = utf16("\u{feff}a,y\n1,", u16::to_be_bytes);
        bytes.extend(u16::to_be_bytes(half));
        bytes.extend(utf16("\n2,q\n", u16::to_be_bytes));
        assert!(
            refused(&bytes).starts_with("t.csv: line 2: it is UTF-16, but half of a pair"),
            "{}",
            refused(&bytes)
        );
    }
}

#[test]
fn latin_1_is_an_error_that_names_the_cell() {
    let refused = |bytes: &[u8]| assign_bytes(bytes, label("y")).unwrap_err().to_string();
    let cell = refused(b"a,y\n1,p\n2,M\xfcsik\n");
    assert!(
        cell.starts_with("t.csv: row 2, column \"y\": the text is not UTF-8 but probably Latin-1"),
        "{cell}"
    );
    assert!(cell.contains("CSV UTF-8"), "{cell}");
    let header = refused(b"a,gr\xf6\xdfe,y\n1,2,p\n");
    assert!(header.starts_with("t.csv: header, column 2: the text is not UTF-8"), "{header}");
    // Windows-1252's euro and quotes; a sequence cut short
    assert!(refused(b"a,y\n1,\x80\x93\n").contains("row 1, column \"y\""));
    assert!(refused(b"a,y\n1,\xe2\x82\n").contains("row 1, column \"y\""));
}

#[test]
fn files_of_another_kind_are_named() {
    let refused = |bytes: &[u8]| assign_bytes(bytes, label("y")).unwrap_err().to_string();
    assert!(refused(&[0x1f, 0x8b, 8, 0]).contains("it is compressed (gzip)"));
    assert!(refused(b"PK\x03\x04\x14\0").contains("it is a workbook or a zip archive"));
    assert!(refused(&[0xff, 0xfe, 0, 0, b'a', 0, 0, 0]).contains("it is UTF-32"));
    assert!(refused(&[0xd4, 0xc3, 0xb2, 0xa1, 2, 0]).contains("overhear features makes a table of it"));
    assert!(refused(b"PAR1\x15\0").contains("let its name end in .parquet"));
}

#[test]
fn notes_travel_as_json() {
    let csv = "id,t,a,b,y\n0,NA,,4,p\nid,t,a,b,y\n1,9,3,4,NA\n2,9,3,4,q\n";
    let found = assign(csv, label("y")).unwrap();
    let json = serde_json::to_string(&found.warnings).unwrap();
    assert!(json.contains(r#"{"note":"row_number","column":"id"}"#), "{json}");
    let back: Vec<TableNote> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, found.warnings);
    assert!(back.len() >= 6, "{json}");
}
