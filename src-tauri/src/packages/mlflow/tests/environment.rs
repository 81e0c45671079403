//! Environments that model directories ask for, in all the files that say so.

use super::*;

const SKLEARN: &[u8] = b"flavors:\n  python_function:\n    env:\n      conda: conda.yaml\n      virtualenv: python_env.yaml\n    loader_module: mlflow.sklearn\n    python_version: 3.9.1\nmlflow_version: 2.12.2\n";

#[test]
fn what_every_file_asks_for_comes_together() {
    let asked = |files: &[(&str, &[u8])]| {
        let files: Vec<_> = files.iter().copied().chain([(FILE, SKLEARN)]).collect();
        requested(directory(&files).path()).map_err(|error| error.to_string())
    };
    let conda: &[u8] = b"name: e\nchannels: [conda-forge]\ndependencies:\n- python=3.8\n- pip<=23\n- scikit-learn=1.3\n- cudatoolkit=11.3\n- pytorch=1.10.0=py3.8_cuda11.3_0\n- pip:\n  - mlflow==2.12.2\n  - pandas==2.1\nvariables: {A: b}\n";
    let by_conda = asked(&[("conda.yaml", conda), ("python_env.yaml", b"")]).unwrap();
    assert_eq!(by_conda.python.as_deref(), Some("3.8"));
    assert_eq!(by_conda.requirements, ["mlflow==2.12.2", "pandas==2.1", "scikit-learn==1.3.*", "torch==1.10.0"]);
    let left = by_conda.left_out.join("; ");
    for word in ["cudatoolkit=11.3", "the build py3.8_cuda11.3_0", "the variable A"] {
        assert!(left.contains(word), "{word}: {left}");
    }
    assert_eq!(by_conda.left_out.len(), 3);

    // The same in three files, as MLflow writes it, is one environment and nothing is left out.
    let usual: &[(&str, &[u8])] = &[
        ("requirements.txt", b"mlflow==2.12.2\nscikit-learn==1.3.0"),
        ("python_env.yaml", b"python: 3.10.4\nbuild_dependencies:\n- pip==23.3\n- setuptools==68.0\n- wheel\ndependencies:\n- -r requirements.txt\n"),
        ("conda.yaml", b"dependencies:\n- python=3.10.4\n- pip<=23.3\n- pip:\n  - mlflow==2.12.2\n  - scikit-learn==1.3.0\n"),
    ];
    let usual = asked(usual).unwrap();
    assert_eq!(usual.python.as_deref(), Some("3.10.4"));
    assert_eq!(usual.requirements, ["mlflow==2.12.2", "scikit-learn==1.3.0", "setuptools==68.0", "wheel"]);
    assert_eq!(usual.left_out, Vec::<String>::new());

    // Where files contradict each other, the first holds, and the other is named.
    let apart = asked(&[
        ("requirements.txt", b"pandas==2.1\n"),
        ("conda.yaml", b"dependencies: ['python=3.8', 'pandas=2.0']"),
        ("python_env.yaml", b"python: 3.10"),
    ])
    .unwrap();
    assert_eq!((apart.python.as_deref(), apart.requirements), (Some("3.8"), vec!["pandas==2.1".to_owned()]));
    assert!(
        apart.left_out[0].contains("Python 3.10 in python_env.yaml") && apart.left_out[1].contains("pandas==2.0.*"),
        "{:?}",
        apart.left_out
    );

    // In one file, what is installed later replaces what is installed before, as it does for the author.
    let torn = asked(&[
        ("conda.yaml", b"dependencies: [scikit-learn=1.3, pip: [scikit-learn==1.4.0]]"),
        ("python_env.yaml", b"build_dependencies: [setuptools==68]\ndependencies: [setuptools==70]"),
    ])
    .unwrap();
    assert_eq!((torn.requirements.join(" "), torn.left_out.len()), ("scikit-learn==1.4.0 setuptools==70".into(), 0));

    // The same lines in another file, also where they are spelled otherwise or hold for several versions of Python.
    let lines = "numpy<2; python_version<'3.9'\nnumpy>=2; python_version>='3.9'\nScikit_Learn==1.3\nruamel.yaml==1\ncategory_encoders==2\n";
    let again = "dependencies: [pip: [\"numpy<2; python_version<'3.9'\", \"numpy>=2; python_version>='3.9'\", scikit-learn==1.3, ruamel.yaml, category_encoders]]";
    let twice = asked(&[
        ("requirements.txt", lines.as_bytes()),
        ("conda.yaml", again.as_bytes()),
        // Keys with nothing behind them.
        ("python_env.yaml", b"build_dependencies:\ndependencies: [~]\n"),
    ])
    .unwrap();
    assert_eq!((twice.requirements.len(), twice.left_out), (5, vec![]));
    let empty = asked(&[("conda.yaml", b"dependencies:\nvariables:\n"), ("python_env.yaml", b"dependencies:\n")]);
    assert_eq!(empty.unwrap().requirements, [""; 0]);

    // The words of another machine for the files of the environment.
    let elsewhere = String::from_utf8_lossy(SKLEARN).replace("conda: conda.yaml", "conda: 'C:\\m\\sub\\conda.yaml'");
    let folder = directory(&[
        (FILE, elsewhere.as_bytes()),
        ("sub/conda.yaml", b"dependencies: [pandas]"),
        ("python_env.yaml", b""),
    ]);
    let found = requested(folder.path()).unwrap();
    assert_eq!((found.requirements.join(" "), found.left_out.len()), ("pandas".into(), 0));

    let bare = asked(&[("conda.yaml", b""), ("python_env.yaml", b"")]).unwrap();
    assert_eq!((bare.python.as_deref(), bare.left_out.len()), (Some("3.9.1"), 0));
    let gone = asked(&[]).unwrap();
    assert!(gone.left_out[0].contains("\"conda.yaml\", which is not in the package"), "{:?}", gone.left_out);
}

#[test]
fn what_pip_takes_as_requirements_is_taken_and_the_rest_is_named() {
    let asked = |files: &[(&str, &[u8])]| {
        let files: Vec<_> =
            files.iter().copied().chain([(FILE, SKLEARN), ("conda.yaml", b""), ("python_env.yaml", b"")]).collect();
        requested(directory(&files).path()).map_err(|error| error.to_string())
    };
    let lines = |text: &[u8]| asked(&[("requirements.txt", text)]).map(|asked| asked.requirements);
    assert_eq!(lines(b"\xef\xbb\xbfa==1\t# a tab\n# b\nc>=1,\\\n<2\n").unwrap(), ["a==1", "c>=1,<2"]);
    let wide: Vec<u8> = [0xfeff].into_iter().chain("a==1\r\nb\r\n".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(lines(&wide).unwrap(), ["a==1", "b"]);
    assert_eq!(lines(b"# -*- coding: latin-1 -*-\na # \xe9\n").unwrap(), ["a"]);
    assert_eq!(
        lines(b"a==1 --hash=sha256:0f \\\n --hash=sha256:aa\n").unwrap(),
        ["a==1 --hash=sha256:0f --hash=sha256:aa"]
    );
    assert_eq!(lines(b"a==1; sys_platform=='linux'\na==2; sys_platform=='win32'\n").unwrap().len(), 2);

    let spread: &[(&str, &[u8])] = &[
        ("requirements.txt", b"-r more/base.txt\n-c limits.txt\na\n"),
        ("more/base.txt", b"b\n-r ../requirements.txt\n-r deep.txt\n"),
        ("more/deep.txt", b"d\n"),
        ("limits.txt", b"numpy<2\n"),
    ];
    // A path that climbs is not followed, also when it comes back.
    let spread = asked(spread).unwrap();
    assert_eq!(
        (spread.requirements, spread.constraints),
        (["a", "b", "d"].map(str::to_owned).to_vec(), vec!["numpy<2".to_owned()])
    );
    assert!(spread.left_out[0].contains("more/../requirements.txt"), "{:?}", spread.left_out);

    // One file may hold both.
    let pins: &[(&str, &[u8])] = &[
        ("requirements.txt", b"-c sub/pins.txt\n-r sub\\pins.txt\n"),
        ("sub/pins.txt", b"-r deep\\more.txt\na==1\n"),
        ("sub/deep/more.txt", b"b==1"),
    ];
    let pins = asked(pins).unwrap();
    assert_eq!((&pins.requirements, pins.left_out.len()), (&pins.constraints, 0));
    assert_eq!(pins.requirements, ["a==1", "b==1"]);

    for (line, words) in [
        ("x @ https://a.b/x.whl", "\"x @ https://a.b/x.whl\" in requirements.txt: only packages from a package index"),
        ("git+https://a.b/x", "git+https://a.b/x"),
        ("-e .", "-e ."),
        ("./x.whl", "./x.whl"),
        ("--pre", "the installer option \"--pre\""),
        ("-r /etc/passwd", "\"/etc/passwd\" that requirements.txt names"),
        ("-r gone.txt", "gone.txt"),
        ("x==1 --config-settings=a=b", "the options --config-settings=a=b of x==1"),
        ("x==1 --hash=sha256:0", "the hashes, because some packages have none"),
    ] {
        let asked = asked(&[("requirements.txt", format!("a==1\n{line}\n").as_bytes())]).unwrap();
        assert!(asked.left_out.len() == 1 && asked.left_out[0].contains(words), "{line}: {:?}", asked.left_out);
        assert_eq!(asked.requirements[0], "a==1");
    }
    for (line, words) in [
        ("--extra-index-url https://a.b", "says where packages come from"),
        ("-f ./wheels", "says where packages come from"),
        ("numpy 1", "which pip does not understand"),
        ("numpy=1.0", "which pip does not understand"),
    ] {
        let said = lines(line.as_bytes()).unwrap_err();
        assert!(said.contains(words), "{line}: {said}");
        // Who serves the ONNX file needs no environment.
        let folder = directory(&[("requirements.txt", line.as_bytes()), (FILE, b"flavors: {onnx: {data: m.onnx}}")]);
        let iris = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/models/iris-v1.onnx");
        fs::copy(iris, folder.path().join("m.onnx")).unwrap();
        let environment = read(folder.path(), 1 << 20).unwrap().environment;
        assert_eq!((environment.left_out.len(), environment.impossible), (1, true));
    }
    assert!(lines(b"\xff\xff\xff").unwrap_err().contains("no text"));
}

#[test]
fn requirements_without_end_are_refused_and_sentences_are_counted() {
    let asked = |files: &[(&str, &[u8])]| {
        let files: Vec<_> = files.iter().copied().chain([(FILE, &b"flavors: {x: 1}"[..])]).collect();
        requested(directory(&files).path()).map_err(|error| error.to_string())
    };
    let many = |line: &dyn Fn(usize) -> String| (0..2_000).map(line).collect::<String>();
    let (paths, packages) = (many(&|n| format!("./{n}\n")), many(&|n| format!("p{n}\n")));
    let long: String = (0..100).map(|n| format!("p{n}{}\n", "x".repeat(15_000))).collect();
    let listed = many(&|n| format!("- p{n}\n"));
    for (files, words) in [
        (&[("requirements.txt", paths.as_bytes())][..], "more than 1,024"),
        (&[("requirements.txt", b"-c c.txt"), ("c.txt", packages.as_bytes())], "more than 1,024"),
        (&[("python_env.yaml", format!("dependencies:\n{listed}").as_bytes())], "more than 1,024"),
        (&[("requirements.txt", long.as_bytes())], "more than 1 MiB"),
        (&[("requirements.txt", b"-c c.txt"), ("c.txt", long.as_bytes())], "more than 1 MiB"),
    ] {
        let said = asked(files).unwrap_err();
        assert!(said.contains(words), "{said}");
    }
    let comment = format!("-r b.txt\n#{}", "x".repeat(3 << 20));
    let large: &[(&str, &[u8])] = &[("requirements.txt", comment.as_bytes()), ("b.txt", comment.as_bytes())];
    assert!(asked(large).unwrap_err().contains("larger than 4 MiB together"));
    let variables: String = (0..1000).map(|n| format!("  v{n}: 1\n")).collect();
    let left = asked(&[("conda.yaml", format!("variables:\n{variables}").as_bytes())]).unwrap().left_out;
    assert_eq!((left.len(), left.last().map(String::as_str)), (101, Some("900 more")));
}
