//! Odd buildpacks, staged in real containers: what writes beside itself, what another owns, what has strange modes or
//! attributes. As root and as an ordinary user; says so where one of them cannot be tried.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use nix::unistd::geteuid;
use tests::scene::{MUCH, Scene, directory, enlarge, scripts, tgz, zip};
use tests::skipped;
use tests::tars::{self, Member};
use tests::zips::{self, Entry};

/// A buildpack that writes beside its scripts writes to a copy of its own; one too large for that fails with a word that
/// says what gives it one, and that does.
///
/// Rules: B-11, I-4
#[test]
fn what_writes_beside_itself_gets_a_copy_or_a_word() {
    let writes = scripts(
        "echo more >>\"$here/export\"; echo more >>\"$here/bin/detect\"; echo \"at $here\" >\"$1/told\"",
    );
    for scene in Scene::all(super::PROGRAMS) {
        let app = scene.app();
        let small = directory(&scene, "small", &writes);
        let large = directory(&scene, "large", &writes);
        enlarge(&large);
        let zipped = zip(&scene, "zipped.zip", &writes);
        for kind in scene.kinds() {
            for source in [&small, &zipped] {
                let told = scene.told(&format!("{app} -b {source} {kind}"));
                assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{kind}: {told}");
            }
            let ran = scene.stage(&format!("{app} -b {large} {kind}"));
            assert_eq!(ran.code, Some(223), "{ran}");
            let word = "(buildpack `large` runs from /cached-downloads/large, where it cannot write: if it wants to, \
                        -privateBuildpacks=large gives it a copy of its own)";
            assert!(ran.stderr.contains(word), "{ran}");
            let asked = "--private-buildpacks=large";
            let told = scene.told(&format!("{app} -b {large} {kind} {asked}"));
            assert!(told.starts_with("at /tmp/buildpackdownloads/"), "{told}");
        }
        scene.assert_sound();
    }
}

/// Rules: B-11, B-12
#[test]
fn a_git_checkout_of_another_owner_answers_to_git() {
    let asks = scripts(
        "git -C \"$here\" log --format='git %s' >\"$1/told\"; git -C \"$here\" rev-parse HEAD >/dev/null",
    );
    for scene in Scene::all(super::PROGRAMS) {
        let app = scene.app();
        let checkout = directory(&scene, "checkout", &asks);
        let git = |words: &[&str]| {
            let run = Command::new("git").arg("-C").arg(&checkout).args(words).output();
            run.is_ok_and(|output| output.status.success())
        };
        let identity = [
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-qm",
            "first",
        ];
        if !(git(&["init", "-q"]) && git(&["add", "."]) && git(&identity)) {
            skipped!("no git");
            return;
        }
        if scene.is_root() {
            let given = Command::new("chown")
                .args(["-Rh", "4000:4000", &checkout])
                .status();
            assert!(given.expect("chown").success());
        }
        for kind in scene.kinds() {
            for placement in ["auto", "inplace", "link", "copy"] {
                let asked = format!("{kind} --placement {placement}");
                let told = scene.told(&format!("{app} -b {checkout} {asked}"));
                assert_eq!(told, "git first\n", "{asked}");
            }
        }
        scene.assert_sound();
    }
}

/// What only its owner might read and start, vcap reads and starts, in whatever form it comes; set-id bits are gone.
///
/// Rules, P-05
#[test]
fn modes_are_those_of_the_store() {
    let id = fs::read("/usr/bin/id").expect("a program");
    let mut files = scripts(
        "{ cat \"$here/lib/words\"; \"$here/lib/tool\"; \"$here/lib/id\" -u; \"$here/lib/id\" -ru; \
         stat -c '%a %n' bin/* lib lib/* | sort; } >\"$1/told\"",
    );
    files[1].2 = String::from_utf8(files[1].2.clone())
        .expect("text")
        .replace("\n{ cat", "\ncd \"$here\"\n{ cat")
        .into();
    for file in &mut files {
        file.1 = 0o700;
    }
    files.extend([
        ("lib/words", 0o600, b"words\n".to_vec()),
        ("lib/tool", 0o700, b"#!/bin/sh\necho started\n".to_vec()),
        ("lib/id", 0o6755, id.clone()),
        ("lib/open", 0o666, b"".to_vec()),
    ]);
    let expected = "words\nstarted\n2000\n2000\n644 lib/open\n644 lib/words\n755 bin/compile\n755 bin/detect\n\
                    755 bin/release\n755 lib\n755 lib/id\n755 lib/tool\n";
    for scene in Scene::all(super::PROGRAMS) {
        let app = scene.app();
        let tree = directory(&scene, "tree", &files);
        for folder in ["", "bin", "lib"] {
            let mode = fs::Permissions::from_mode(0o700);
            fs::set_permissions(Path::new(&tree).join(folder), mode).expect("chmod");
        }
        let zipped = zip(&scene, "zipped.zip", &files);
        let packed = tgz(&scene, "packed.tgz", &files);
        for source in [&tree, &zipped, &packed] {
            for kind in scene.kinds() {
                for placement in ["auto", "inplace"] {
                    let asked = format!("{kind} --placement {placement}");
                    let told = scene.told(&format!("{app} -b {source} {asked}"));
                    assert_eq!(told, expected, "{source} {asked}");
                }
            }
        }
        scene.assert_sound();
    }
}

/// A zip that was made where there are no modes.
///
/// Rules: A-83
#[test]
fn a_zip_without_modes_is_staged() {
    let files = scripts("echo compiled >\"$1/told\"");
    let dos = |path: &str, content: &[u8]| Entry::file(path, content).made_on_dos(0x20);
    let entries: Vec<_> = files
        .iter()
        .map(|(path, _, content)| dos(path, content))
        .collect();
    let content = vec![0; usize::try_from(MUCH).expect("a size")];
    let more = [entries.clone(), vec![dos("more", &content).stored()]].concat();
    let (plain, large) = (zips::zip(&entries), zips::zip(&more));
    for scene in Scene::all(super::PROGRAMS) {
        let app = scene.app();
        let plain = scene.desk.cell().file("plain.zip", &plain);
        let large = scene.desk.cell().file("large.zip", &large);
        for kind in scene.kinds() {
            for (name, source) in [("plain", &plain), ("large", &large)] {
                let ran = scene.stage(&format!("{app} -b {source} {kind}"));
                assert_eq!(ran.code, Some(0), "{ran}");
                for script in ["detect", "compile", "release"] {
                    let word = format!(
                        "Warning: bin/{script} of buildpack `{name}` was not executable; in its copy it is\n"
                    );
                    assert!(ran.stderr.contains(&word), "{ran}");
                }
                assert_eq!(scene.packed_file("./app/told"), "compiled\n");
            }
        }
        scene.assert_sound();
    }
}

/// A file capability as the system keeps it: to send any packet, effective at once.
const CAPABILITY: [u8; 20] = [1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

const ATTRIBUTE: &std::ffi::CStr = c"security.capability";

/// Sets an attribute of a file; needs root.
fn set_capability(path: &Path) {
    let path = std::ffi::CString::new(path.to_str().expect("text")).expect("a path");
    // SAFETY: C strings, and as many bytes as there are.
    #[expect(unsafe_code, reason = "nothing here wraps setxattr")]
    let done = unsafe {
        libc::setxattr(
            path.as_ptr(),
            ATTRIBUTE.as_ptr(),
            CAPABILITY.as_ptr().cast(),
            CAPABILITY.len(),
            0,
        )
    };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

fn has_capability(path: &Path) -> bool {
    let path = std::ffi::CString::new(path.to_str().expect("text")).expect("a path");
    // SAFETY: C strings, and nothing is written to a buffer of no length.
    #[expect(unsafe_code, reason = "nothing here wraps getxattr")]
    let length = unsafe { libc::getxattr(path.as_ptr(), ATTRIBUTE.as_ptr(), std::ptr::null_mut(), 0) };
    length >= 0
}

/// A record of an extended header with the capability.
fn pax_record() -> Vec<u8> {
    let body = [
        b" SCHILY.xattr.security.capability=".as_slice(),
        &CAPABILITY,
        b"\n",
    ]
    .concat();
    let length = body.len() + 2;
    [length.to_string().into_bytes(), body].concat()
}

/// A program's capabilities stay outside, whether they come with a directory or an archive.
///
/// Rules: A-45, P-01
#[test]
fn file_capabilities_are_not_carried() {
    let grep = fs::read("/usr/bin/grep").expect("a program");
    let mut files =
        scripts("\"$here/lib/grep\" -E '^Cap(Prm|Eff|Bnd|Inh|Amb)' /proc/self/status >\"$1/told\"");
    files.push(("lib/grep", 0o755, grep));
    let members = files.iter().flat_map(|(path, mode, content)| {
        let extended = Member::special(format!("PaxHeaders/{path}"), b'x').content(pax_record());
        [extended, Member::file(path, content).mode(*mode)]
    });
    let archive = tars::tgz(&members.collect::<Vec<_>>());
    for scene in Scene::all(super::PROGRAMS) {
        let app = scene.app();
        let tree = directory(&scene, "tree", &files);
        if geteuid().is_root() {
            let program = Path::new(&tree).join("lib/grep");
            set_capability(&program);
            assert!(has_capability(&program));
        } else {
            skipped!("file capabilities of a directory: they need root");
        }
        let packed = scene.desk.cell().file("packed.tgz", &archive);
        for source in [&tree, &packed] {
            for kind in scene.kinds() {
                for placement in ["auto", "inplace"] {
                    let asked = format!("{kind} --placement {placement}");
                    let told = scene.told(&format!("{app} -b {source} {asked}"));
                    assert_eq!(told.lines().count(), 5, "{told}");
                    for line in told.lines() {
                        assert!(line.ends_with("\t0000000000000000"), "{source} {asked}: {told}");
                    }
                }
            }
        }
        let stored = tests::tree::list(&scene.desk.cell().store());
        let programs: Vec<_> = stored.iter().filter(|path| path.ends_with("lib/grep")).collect();
        assert_eq!(programs.len(), 2, "{stored:#?}");
        for program in programs {
            assert!(
                !has_capability(&scene.desk.cell().store().join(program)),
                "{program}"
            );
        }
        scene.assert_sound();
    }
}
