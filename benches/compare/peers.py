"""The learners as others have them, each with the settings that Overhear's defaults follow."""
import warnings

warnings.filterwarnings("ignore")  # the networks stop before they converge, on purpose


class Torch:
    """The network in PyTorch, with its fastest optimiser for the processor."""

    def __init__(self, seed):
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.torch = torch

    def fit(self, x, y):
        torch = self.torch
        x, y = torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y)
        layer, relu = torch.nn.Linear, torch.nn.ReLU
        self.net = torch.nn.Sequential(layer(x.shape[1], 200), relu(), layer(200, 100), relu(), layer(100, 2))
        adam = torch.optim.Adam(self.net.parameters(), lr=1e-3, weight_decay=1e-4 / 64, fused=True)
        loss = torch.nn.CrossEntropyLoss()
        for _ in range(5):
            order = torch.randperm(len(x))
            for a, b in zip(x[order].split(64), y[order].split(64)):
                adam.zero_grad()
                loss(self.net(a), b).backward()
                adam.step()
        return self

    def predict(self, x):
        with self.torch.no_grad():
            return self.net(self.torch.as_tensor(x, dtype=self.torch.float32)).argmax(1).numpy()


def in_scikit_learn(name, seed, cores):
    import numpy as np
    from sklearn.ensemble import AdaBoostClassifier, ExtraTreesClassifier, RandomForestClassifier
    from sklearn.linear_model import RidgeClassifierCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC
    from sklearn.tree import DecisionTreeClassifier

    return {
        "knn": lambda: KNeighborsClassifier(n_jobs=cores),
        "decision_tree": lambda: DecisionTreeClassifier(random_state=seed),
        "adaboost": lambda: AdaBoostClassifier(random_state=seed),
        "random_forest": lambda: RandomForestClassifier(random_state=seed, n_jobs=cores),
        "extra_trees": lambda: ExtraTreesClassifier(200, random_state=seed, n_jobs=cores),
        "ridge": lambda: RidgeClassifierCV(alphas=np.logspace(-3, 3, 10)),
        "svm": lambda: SVC(),
        "neural_network": lambda: MLPClassifier((200, 100), max_iter=5, batch_size=64, random_state=seed),
    }[name]()


def in_intelex(name, seed, cores):
    if name == "knn":
        from sklearnex.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(n_jobs=cores)
    if name == "random_forest":
        from sklearnex.ensemble import RandomForestClassifier

        return RandomForestClassifier(random_state=seed, n_jobs=cores)
    from sklearnex.svm import SVC

    return SVC()


def in_lightgbm(_name, seed, cores):
    import lightgbm

    return lightgbm.LGBMClassifier(num_threads=cores, verbose=-1, random_state=seed)


def in_torch(_name, seed, _cores):
    return Torch(seed)


# who has which learner
PEERS = {
    "scikit-learn": (
        in_scikit_learn,
        ("knn", "decision_tree", "adaboost", "random_forest", "extra_trees", "ridge", "svm", "neural_network"),
    ),
    "scikit-learn-intelex": (in_intelex, ("knn", "random_forest", "svm")),
    "lightgbm": (in_lightgbm, ("gradient_boosting",)),
    "torch": (in_torch, ("neural_network",)),
}


def learner(name, seed=0, cores=1, who=None):
    """A learner of one peer."""
    build, _ = PEERS[who]
    return build(name, seed, cores)


def with_learner(name, without=()):
    """Peers that have a learner and are not left out."""
    return [who for who, (_, names) in PEERS.items() if name in names and who not in without]
