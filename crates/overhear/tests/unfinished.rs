//! Alone in its process: what is removed is everything that this process writes.

use overhear::unfinished;
use overhear::whole_file::WholeFile;
use std::fs;
use std::io::Write;

#[test]
fn an_interrupted_program_leaves_the_old_file_and_nothing_beside() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("table.csv");
    fs::write(&path, "old").unwrap();
    let mut half = WholeFile::create(&path).unwrap();
    half.write_all(b"half").unwrap();
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 2);
    unfinished::remove_all();
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 1);
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
}
