import json
import struct
import tempfile
import unittest
from pathlib import Path

import shards  # noqa: F401 (finds the package)
from einthoven import ECGError

try:
    import torch
    from einthoven.networks import CPCNetwork, UResNet, XResNet1d, load_encoder, save_encoder
except ImportError:
    torch = None


def parameters(network):
    return sum(parameter.numel() for parameter in network.parameters())


def names(network):
    return list(network.state_dict())


@unittest.skipUnless(torch, "PyTorch is not installed")
class NetworkTests(unittest.TestCase):
    def test_cpc(self):
        network = CPCNetwork()
        # Convolutions, normalisations, two LSTM layers of four gates with two biases, predictor.
        expected = 12 * 512 + 3 * 512**2 + 4 * 2 * 512 + 2 * 4 * (512 * (512 + 512) + 2 * 512) + 512**2
        self.assertEqual((expected, parameters(network)), (5_261_312, expected))
        tokens, context = network(torch.randn(2, 12, 40))
        self.assertEqual((tokens.shape, context.shape), ((2, 40, 512), (2, 40, 512)))
        self.assertEqual(names(network)[0], "encoder.0.0.weight")
        self.assertEqual(names(network)[-2:], ["lstm.bias_hh_l1", "predictor.weight"])
        self.assertLessEqual({"encoder.3.1.running_var", "lstm.weight_ih_l0"}, set(names(network)))

    def test_cpc_features(self):
        network = CPCNetwork(width=8, hidden=6).eval()
        x = torch.randn(3, 12, 20)
        context = network(x)[1]
        features = network.features(x)
        self.assertEqual(features.shape, (3, network.feature_count))
        for row, steps in zip(features, context):
            self.assertTrue(torch.allclose(row[:6], steps.mean(0)))
            self.assertTrue(torch.equal(row[6:], torch.cat([steps.max(0).values, steps[-1]])))

    def test_strided_cpc(self):
        network = CPCNetwork(width=8, hidden=6, strides=(2, 2, 2, 2), kernels=(10, 4, 4, 4))
        self.assertEqual(network(torch.randn(2, 12, 320))[0].shape, (2, 20, 8))

    def test_xresnet(self):
        counts = {18: 347_264, 34: 676_992, 50: 886_400, 101: 1_804_672}
        for depth, count in counts.items():
            with self.subTest(depth=depth):
                network = XResNet1d(depth=depth)
                width = 256 if depth > 34 else 64
                self.assertEqual(parameters(network), count)
                self.assertEqual(network(torch.randn(2, 12, 250)).shape, (2, width, 8))
                self.assertEqual(network.features(torch.randn(2, 12, 250)).shape, (2, 2 * width))
                self.assertEqual(network.feature_count, 2 * width)
        named = set(names(XResNet1d()))
        self.assertLessEqual({"stem.2.1.bias", "stages.0.0.path.1.0.weight", "stages.3.2.path.2.1.weight"}, named)
        # Only where the number of channels changes does a shortcut have a convolution.
        shortcuts = {name for name in named if ".shortcut." in name and name.endswith(".0.weight")}
        self.assertEqual(shortcuts, {"stages.0.0.shortcut.0.weight"})

    def test_xresnet_blocks_start_as_their_shortcuts(self):
        network = XResNet1d(depth=18)
        x = torch.randn(2, 64, 10).relu()
        self.assertTrue(torch.equal(network.stages[0][1](x), x))

    def test_uresnet(self):
        network = UResNet()
        self.assertEqual(parameters(network), 18_486_848)
        x = torch.randn(1, 12, 4096)
        self.assertEqual(network(x).shape, x.shape)
        stem, outputs, last, _ = network.encoded(x)
        shapes = [tuple(output.shape[1:]) for output in (stem, *outputs, last)]
        self.assertEqual(shapes, [(64, 4096), (128, 1024), (196, 256), (256, 64), (320, 16), (320, 16)])
        self.assertEqual((network.features(x).shape, network.feature_count), ((1, 5120), 5120))
        named = set(names(network))
        self.assertLessEqual(
            {"stem.0.weight", "encoder.3.skip.weight", "decoder.0.conv2.weight", "head.0.1.bias", "head.1.weight"},
            named,
        )
        self.assertNotIn("bottleneck.skip.weight", named)

    def networks(self):
        return [
            CPCNetwork(width=8, hidden=6, layers=3),
            CPCNetwork(width=8, hidden=6, strides=(2, 2, 2, 2), kernels=(10, 4, 4, 4)),
            *(XResNet1d(depth=depth, stem=(4, 4, 8), width=8) for depth in (18, 34, 50, 101)),
            XResNet1d(leads=3, depth=18, stem=(4, 8), width=6, kernel=7),
            UResNet(length=512, kernel=3),
            CPCNetwork(width=8, hidden=6, strides=(4, 1), kernels=(10, 3)),
            UResNet(length=512, kernel=5, dropout=0.5, widths=(4, 5, 6)),
        ]

    def test_round_trip(self):
        with tempfile.TemporaryDirectory() as folder:
            for place, network in enumerate(self.networks()):
                with self.subTest(place=place):
                    network.rate_hz, network.method = (100, "cpc") if place % 2 == 0 else (None, None)
                    leads = 3 if place == 6 else 12
                    # Moves the running statistics and the counts of batches.
                    network.features(torch.randn(2, leads, 512))
                    path = Path(folder) / f"{place}.safetensors"
                    save_encoder(network, path)
                    again = load_encoder(path)
                    self.assertEqual(names(again), names(network))
                    for name, value in network.state_dict().items():
                        self.assertTrue(torch.equal(again.state_dict()[name], value), name)
                    self.assertEqual((again.rate_hz, again.method), (network.rate_hz, network.method))
                    x = torch.randn(2, leads, 512)
                    self.assertTrue(torch.equal(again.eval().features(x), network.eval().features(x)))
                    again.train().features(x).square().sum().backward()
                    self.assertIsNotNone(next(again.parameters()).grad)
            self.assertEqual(len(list(Path(folder).iterdir())), len(self.networks()))

    def test_files_that_do_not_say_what_they_hold(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoder.safetensors"
            for place, network in enumerate(self.networks()[:7]):
                save_encoder(network, path)
                data = path.read_bytes()
                path.write_bytes(data.replace(b'"architecture"', b'"ARCHITECTURE"'))
                self.assertEqual(names(load_encoder(path)), names(network), place)

    def test_sizes_that_make_no_network(self):
        sizes = {"leads": 12, "width": 8, "hidden": 6, "layers": 2, "kernels": [1, 1], "strides": [1, 1]}
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoder.safetensors"
            for change in (
                {"layers": 10**9},
                {"width": 10**12},
                {"width": 1 << 30, "hidden": 1 << 30},
                {"width": 8.5},
                {"width": True},
                {"width": [8]},
                {"leads": 0},
                {"kernels": 1},
                {"kernels": [1]},
                {"strides": [1, 2]},
                {"depth": 50},
            ):
                with self.subTest(change=change):
                    network = CPCNetwork(width=8, hidden=6, kernels=(1, 1), strides=(1, 1))
                    network.configuration = sizes | change
                    save_encoder(network, path)
                    self.assertIn("sizes", self.refused(path, "malformed"))
            network.configuration = sizes
            network.architecture = "xresnet1d50"
            save_encoder(network, path)
            self.refused(path, "malformed")
            network.architecture = "transformer"
            save_encoder(network, path)
            self.assertIn("transformer", self.refused(path, "unsupported"))

    def test_the_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoder.safetensors"
            network = CPCNetwork(width=8, hidden=6)
            network.method, network.rate_hz = "cpc", 100
            save_encoder(network, path)
            data = path.read_bytes()
            (length,) = struct.unpack("<Q", data[:8])
            header = json.loads(data[8 : 8 + length])
            metadata = header.pop("__metadata__")
            self.assertEqual(
                json.loads(metadata.pop("configuration")),
                {
                    "leads": 12,
                    "width": 8,
                    "hidden": 6,
                    "layers": 2,
                    "kernels": [1, 1, 1, 1],
                    "strides": [1, 1, 1, 1],
                },
            )
            self.assertEqual(metadata, {"architecture": "cpc", "method": "cpc", "rate_hz": "100.0"})
            self.assertEqual(
                header["encoder.0.0.weight"], {"dtype": "F32", "shape": [8, 12, 1], "data_offsets": [0, 384]}
            )
            counter = header["encoder.0.1.num_batches_tracked"]
            self.assertEqual((counter["dtype"], counter["shape"]), ("I64", []))
            self.assertEqual(max(tensor["data_offsets"][1] for tensor in header.values()), len(data) - 8 - length)
            self.assertEqual(
                struct.unpack("<96f", data[8 + length :][:384])[7], network.encoder[0][0].weight[0, 7].item()
            )

    def test_what_cannot_be_stored(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoder.safetensors"
            broken = CPCNetwork(width=8, hidden=6)
            with torch.no_grad():
                broken.predictor.weight[0, 0] = torch.nan
            with self.assertRaises(ECGError):
                save_encoder(broken, path)
            self.assertFalse(path.exists())

    def refused(self, path, code):
        with self.assertRaises(ECGError) as raised:
            load_encoder(path)
        self.assertEqual(raised.exception.code, code)
        return str(raised.exception)

    def test_what_cannot_be_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "encoder.safetensors"
            self.refused(path, "not-found")
            self.refused(folder, "input-output")

            def written(change):
                network = CPCNetwork(width=8, hidden=6)
                change(network)
                save_encoder(network, path)

            written(lambda network: network.register_buffer("other", torch.zeros(3)))
            self.assertIn("other", self.refused(path, "mismatch"))
            written(lambda network: setattr(network, "predictor", torch.nn.Linear(6, 9, bias=False)))
            self.assertIn("predictor.weight", self.refused(path, "mismatch"))
            written(lambda network: delattr(network, "predictor"))
            self.assertIn("predictor.weight is absent", self.refused(path, "mismatch"))
            written(lambda network: delattr(network, "lstm"))
            self.assertIn("lstm.bias_hh_l0 is absent", self.refused(path, "mismatch"))
            written(lambda network: network.encoder[0][1].register_buffer("num_batches_tracked", torch.zeros(())))
            self.assertIn("another type", self.refused(path, "mismatch"))
            written(lambda network: setattr(network, "rate_hz", 100))
            data = path.read_bytes()
            path.write_bytes(data.replace(b'"100.0"', b'"fast!"'))
            self.refused(path, "malformed")
            path.write_bytes(data[:-4] + struct.pack("<f", float("nan")))
            self.refused(path, "malformed")
            path.write_bytes(data[:-4])
            self.refused(path, "malformed")


if __name__ == "__main__":
    unittest.main()
