"""The page of the explorer: a marimo application with one cell for all that changes at once."""

import marimo

app = marimo.App(width="medium", app_title="cevns explorer")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from cevns.app.charts import bins_chart, chi2_chart, recoil_chart
    from cevns.app.exploration import Exploration, explorable, read_number
    from cevns.errors import CevnsError
    from cevns.experiments import experiment_names

    return (
        CevnsError,
        Exploration,
        bins_chart,
        chi2_chart,
        experiment_names,
        explorable,
        mo,
        np,
        read_number,
        recoil_chart,
    )


@app.cell
def _(experiment_names, explorable, mo, np):
    model = mo.ui.dropdown(list(explorable()), value="b-l", label="model", searchable=True)
    experiments = mo.ui.multiselect(
        experiment_names(), value=["coherent-csi-2021", "coherent-lar-2020"], label="experiments"
    )
    masses, couplings = np.geomspace(1e-2, 1e4, 121).tolist(), np.geomspace(1e-7, 1.0, 281).tolist()
    mass_slider = mo.ui.slider(steps=masses, value=masses[60], label="mass [MeV]", show_value=True)
    mass_text = mo.ui.text(label="or exactly", placeholder="mass [MeV]")
    coupling_slider = mo.ui.slider(steps=couplings, value=couplings[100], label="coupling", show_value=True)
    coupling_text = mo.ui.text(label="or exactly", placeholder="coupling")
    mo.vstack(
        [
            mo.md("# What do the data say about a coupling?"),
            mo.hstack([model, experiments], justify="start", gap=2),
            mo.hstack([mass_slider, mass_text], justify="start", gap=2),
            mo.hstack([coupling_slider, coupling_text], justify="start", gap=2),
        ]
    )
    return coupling_slider, coupling_text, experiments, mass_slider, mass_text, model


@app.cell
def _(CevnsError, Exploration, experiments, mass_slider, mass_text, mo, model, read_number):
    here, refused = None, None
    try:
        mass = read_number(mass_text.value, "mass") if mass_text.value.strip() else mass_slider.value
        here = Exploration.of(model.value or "", experiments.value, mass)
        curve = here.curve()
    except CevnsError as error:
        refused = str(error)
    mo.stop(refused is not None, mo.callout(refused, kind="danger"))
    return curve, here


@app.cell
def _(CevnsError, coupling_slider, coupling_text, here, mo, read_number):
    wrong = None
    try:
        coupling = (
            read_number(coupling_text.value, "coupling") if coupling_text.value.strip() else coupling_slider.value
        )
        delta_chi2 = here.delta_chi2(coupling)
    except CevnsError as error:
        wrong = str(error)
    mo.stop(wrong is not None, mo.callout(wrong, kind="danger"))
    return coupling, delta_chi2


@app.cell
def _(bins_chart, chi2_chart, coupling, curve, delta_chi2, here, mo, recoil_chart):
    limit = here.limit
    fixed = "".join(f", {name} = {value:g} MeV" for name, value in here.fixed.items())
    in_time = here.bins(coupling, "time")
    mo.vstack(
        [
            mo.md(f"**{limit.parameter} < {limit.upper_limit:.4g}** at {limit.cl:.0%} CL, {limit.dof} dof{fixed}"),
            mo.md(f"Δχ² = {delta_chi2:.4g} at {limit.parameter} = {coupling:.4g}"),
            chi2_chart(curve, coupling, limit.delta_chi2, limit.parameter),
            recoil_chart(here.recoils(coupling)),
            bins_chart(here.bins(coupling, "energy"), "reconstructed energy"),
            *([bins_chart(in_time, "arrival time [µs]")] if in_time else []),
        ]
    )


@app.cell
def _(coupling, here, mo):
    names = [one.name for one in here.experiments]
    mo.hstack(
        [
            mo.download(here.card().encode(), filename="card.yaml", label="run card"),
            mo.download(here.csv(coupling).encode(), filename="bins.csv", label="CSV"),
            *(
                mo.download(
                    lambda name=name: here.figure(name, coupling), filename=f"{name}.pdf", label=f"figure {name}"
                )
                for name in names
            ),
        ],
        justify="start",
    )


if __name__ == "__main__":
    app.run()
