"""The page of the explorer: a marimo application."""

import marimo

app = marimo.App(width="medium", app_title="cevns explorer")


@app.cell
def _():
    from functools import lru_cache

    import marimo as mo
    import numpy as np

    from cevns.app.charts import overview
    from cevns.app.exploration import Exploration, explorable, read_number
    from cevns.errors import CevnsError
    from cevns.experiments import experiment_names

    recent = lru_cache(maxsize=128)(Exploration.of)
    return CevnsError, experiment_names, explorable, mo, np, overview, read_number, recent


@app.cell
def _(experiment_names, explorable, mo, np):
    masses, couplings = np.geomspace(1e-2, 1e4, 121).tolist(), np.geomspace(1e-7, 1.0, 281).tolist()
    default = ["coherent-csi-2021", "coherent-lar-2020"]
    model = mo.ui.dropdown(list(explorable()), value="b-l", label="model", searchable=True)
    experiments = mo.ui.multiselect(experiment_names(), value=default, label="experiments")
    mass_slider = mo.ui.slider(steps=masses, value=masses[60], label="mass [MeV]", full_width=True)
    mass_text = mo.ui.text(placeholder="exact mass [MeV]", full_width=True)
    coupling_slider = mo.ui.slider(steps=couplings, value=couplings[100], label="coupling", full_width=True)
    coupling_text = mo.ui.text(placeholder="exact coupling", full_width=True)
    widgets = model, experiments, mass_slider, mass_text, coupling_slider, coupling_text
    mo.vstack(
        [
            mo.md("# What do the data say about a coupling?"),
            mo.hstack([model, experiments], justify="start", gap=2, wrap=True),
            mo.hstack([mass_slider, mass_text], widths=[2, 1], gap=2),
            mo.hstack([coupling_slider, coupling_text], widths=[2, 1], gap=2),
        ]
    )
    return coupling_slider, coupling_text, experiments, mass_slider, mass_text, model, widgets


@app.cell
def _(read_number, recent):
    def chosen(model, experiments, mass_slider, mass_text, coupling_slider, coupling_text):
        """What the widgets stand for: an exploration, and a coupling."""
        mass = read_number(mass_text.value, "mass") if mass_text.value.strip() else mass_slider.value
        typed = coupling_text.value.strip()
        coupling = read_number(typed, "coupling") if typed else coupling_slider.value
        return recent(model.value or "", tuple(experiments.value), mass), coupling

    return (chosen,)


@app.cell
def _(CevnsError, chosen, coupling_slider, coupling_text, experiments, mass_slider, mass_text, mo, model, overview):
    try:
        shown = mo.Html(overview(*chosen(model, experiments, mass_slider, mass_text, coupling_slider, coupling_text)))
    except CevnsError as error:
        shown = mo.callout(str(error), kind="danger")
    mo.as_html(shown)


# The buttons are made once, and ask the widgets when they are pressed.
@app.cell
def _(chosen, experiments, mo, widgets):
    def button(label, filename, content):
        return mo.download(lambda: content(*chosen(*widgets)), filename=filename, label=label)

    def figure(name):
        return button(f"figure {name}", f"{name}.pdf", lambda here, coupling: here.figure(name, coupling))

    mo.hstack(
        [
            button("run card", "card.yaml", lambda here, _: here.card().encode()),
            button("CSV", "bins.csv", lambda here, coupling: here.csv(coupling).encode()),
            *map(figure, experiments.value),
        ],
        justify="start",
        wrap=True,
    )


if __name__ == "__main__":
    app.run()
