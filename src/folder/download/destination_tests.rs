use bytes::Bytes;

use super::super::super::local_path::Platform;
use super::super::landing::Landing;
use super::*;

fn place(key: &str) -> LocalPath {
    LocalPath::from_key(key, Platform::HERE).unwrap()
}

fn open(path: &Path) -> Arc<Destination> {
    Arc::new(Destination::open(path).unwrap())
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_file_has_its_name_only_when_it_is_complete() {
    let root = tempfile::tempdir().unwrap();
    let destination = open(root.path());
    let landing = Landing::begin(destination.ticket(), &place("a/b.txt"), 6).unwrap();
    landing.write_at(&[Bytes::from_static(b"def")], 3).unwrap();
    assert!(!root.path().join("a/b.txt").exists());
    landing.write_at(&[Bytes::from_static(b"ab"), Bytes::from_static(b"c")], 0).unwrap();
    landing.commit(None, false).unwrap();
    assert_eq!(std::fs::read(root.path().join("a/b.txt")).unwrap(), b"abcdef");
    assert_eq!(names(&root.path().join("a")), ["b.txt"]);
}

#[test]
fn an_abandoned_file_is_removed_and_the_old_one_stays() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("a"), "old").unwrap();
    let destination = open(root.path());
    let landing = Landing::begin(destination.ticket(), &place("a"), 1000).unwrap();
    assert_eq!(names(root.path()).len(), 2);
    drop(landing);
    assert_eq!(names(root.path()), ["a"]);
    assert_eq!(std::fs::read(root.path().join("a")).unwrap(), b"old");
    assert_eq!(*destination.unsettled.borrow(), 0);
}

#[test]
fn keeping_what_exists_is_decided_when_the_name_is_given() {
    let root = tempfile::tempdir().unwrap();
    let destination = open(root.path());
    let landing = Landing::begin(destination.ticket(), &place("a"), 0).unwrap();
    // It appears after any check that came first.
    std::fs::write(root.path().join("a"), "somebody else's").unwrap();
    assert!(matches!(landing.commit(None, true), Err(FolderError::Exists { .. })));
    assert_eq!(std::fs::read(root.path().join("a")).unwrap(), b"somebody else's");
    assert_eq!(names(root.path()), ["a"]);
    Landing::write_whole(destination.ticket(), &place("b"), &[Bytes::from_static(b"x")], None, true).unwrap();
    assert_eq!(names(root.path()), ["a", "b"]);
}

#[cfg(unix)]
#[test]
fn links_below_the_destination_are_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("kept"), "kept").unwrap();
    std::os::unix::fs::symlink(outside.path(), root.path().join("dir")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("kept"), root.path().join("file")).unwrap();
    let destination = open(root.path());
    let error = Landing::begin(destination.ticket(), &place("dir/x"), 0).unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    Landing::write_whole(destination.ticket(), &place("file"), &[Bytes::from_static(b"new")], None, false).unwrap();
    assert_eq!(std::fs::read(outside.path().join("kept")).unwrap(), b"kept");
    assert_eq!(std::fs::read(root.path().join("file")).unwrap(), b"new");
    assert_eq!(names(outside.path()), ["kept"]);
}

#[test]
fn a_file_is_no_directory_and_a_directory_no_file() {
    let root = tempfile::tempdir().unwrap();
    let destination = open(root.path());
    Landing::write_whole(destination.ticket(), &place("a"), &[], None, false).unwrap();
    assert!(Landing::begin(destination.ticket(), &place("a/b"), 0).is_err());
    Landing::write_whole(destination.ticket(), &place("d/e"), &[], None, false).unwrap();
    assert!(Landing::begin(destination.ticket(), &place("d"), 0).is_err());
    assert_eq!(names(root.path()), ["a", "d"]);
}
